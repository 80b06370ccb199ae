import { setTimeout as after } from 'node:timers/promises';
import { parseKeySet } from '@interlock/authority';
import { isTerminal, type Schedule, type ScheduleList } from '@interlock/contracts/http';
import { linesOf, verifyExport } from '@interlock/evidence';
import type { TargetRequest } from '@interlock/invariants';
import { expect } from 'vitest';
import { type Line, World } from '../../examples/processes/world.ts';
import { eventually } from '../e2e/eventually.ts';
import type { Run, SystemClient } from '../e2e/system.client.ts';
import { endProblems, type FamilyOfRuns, unknownWrites, writeProblems } from './processes.families.ts';
import type { PeopleOfTheCompany } from './processes.people.ts';
import { processes, startedStories, storyOf } from './processes.stories.ts';
import type { Job, Submitter } from './workload.ts';

const root = 'examples/processes';
/** The four modules that bring the twenty processes. */
export const modules = ['people', 'money', 'orders', 'operations'].map((name) => `${root}/${name}`).join(',');

/** What people and programs start. */
export const jobsOf = (rounds: number): Job[] =>
  startedStories(rounds).map(({ workflow, input }) => ({
    key: `${workflow} ${JSON.stringify(input)}`.replaceAll(/[^A-Za-z0-9._:-]/g, '_').slice(0, 200),
    workflow,
    input,
  }));

/** Sooner than the modules have it: a schedule of each process, with the input that its module gives it, that starts runs until it has started some. */
export class SoonSchedules {
  readonly #made = new Set<string>();
  readonly #done = new Set<string>();

  constructor(
    readonly startsEach: number,
    readonly every: string,
  ) {}

  /** Whatever could not be said, because nobody was there, is said the next time. */
  async set(client: SystemClient): Promise<void> {
    const ofModules = (await all(client)).filter(({ name }) => !name.startsWith('soon-'));
    for (const { name, workflow } of ofModules) {
      if (!processes.includes(workflow) || this.#made.has(name)) continue;
      const { every } = this;
      const { input } = (await client.get<Schedule>(`/v1/schedules/${name}`)).body;
      const soon = { name: `soon-${name}`, workflow, input, every, overlap: 'queue' };
      const { status } = await client.post('/v1/schedules', soon);
      // It is there already, where its answer was lost with the process.
      if (status === 201 || status === 409) this.#made.add(name);
    }
  }

  /** Pauses those that have started enough. */
  async pauseStarted(client: SystemClient): Promise<boolean> {
    for (const { name, last, paused } of await all(client)) {
      const started = last.filter(({ outcome }) => outcome === 'started').length;
      if (!name.startsWith('soon-') || (started < this.startsEach && !paused)) continue;
      const isPaused = paused || (await pause(client, name));
      if (isPaused) this.#done.add(name);
    }
    return this.#made.size === processes.length && this.#done.size === processes.length;
  }
}

const all = async (client: SystemClient): Promise<ScheduleList['items']> =>
  (await client.get<ScheduleList>('/v1/schedules?limit=500')).body.items;

async function pause(client: SystemClient, name: string): Promise<boolean> {
  const { status } = await client.fetch(`/v1/schedules/${name}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ paused: true }),
  });
  return status === 200;
}

/** Every run, once all of them have ended. */
async function allEnded(client: SystemClient, withinMs: number): Promise<Run[]> {
  let runs: Run[] = [];
  const hold = async () => {
    runs = await client.runs();
    return runs.every(({ status }) => isTerminal(status));
  };
  await eventually('every run to end', hold, withinMs, 200).catch((error: Error) => {
    const open = runs.filter(({ status }) => !isTerminal(status)).slice(0, 10);
    throw new Error([error.message, ...open.map((run) => JSON.stringify(run))].join('\n'));
  });
  return runs;
}

/** Runs with their children, and the events of all of them. Each export is verified on the way. */
async function familiesOf(client: SystemClient, runs: readonly Run[]): Promise<FamilyOfRuns[]> {
  const byRoot = Map.groupBy(runs, ({ rootRunId }) => rootRunId);
  const families: FamilyOfRuns[] = [];
  for (const [rootId, members] of byRoot) {
    const events = await Promise.all(
      members.map(async ({ runId }) => [runId, await client.events(runId)] as const),
    );
    const top = members.find(({ runId }) => runId === rootId);
    if (top === undefined) throw new Error(`${members[0]?.runId} has a root ${rootId} that is no run`);
    families.push({ root: top, runs: members, events: new Map(events) });
  }
  return families;
}

/** Runs whose exports do not verify, with the reason. */
async function unverified(client: SystemClient, runs: readonly Run[]): Promise<string[]> {
  const known = parseKeySet((await client.get('/v1/keys')).body);
  const problems: string[] = [];
  for (const { runId } of runs) {
    const { body, status } = await exportOf(client, runId);
    if (body === null) throw new Error(`the export of ${runId} was answered ${status}`);
    const verdict = await verifyExport(linesOf(body), known);
    if (!verdict.ok) problems.push(`${runId}: ${JSON.stringify(verdict.problem)}`);
  }
  return problems;
}

/** As `./interlock run export` asks for it. */
export const exportOf = (client: SystemClient, runId: string): Promise<Response> =>
  client.fetch(`/v1/runs/${runId}/events`, { headers: { accept: 'application/x-ndjson' } });

/** Every story came true, in what runs say and in what the systems of the company have seen. */
function expectStories(families: readonly FamilyOfRuns[], worldFile: string): void {
  const lines = new World(worldFile).lines();
  const problems = families.flatMap((family) => {
    const story = storyOf(family.root);
    return [...endProblems(family, story), ...writeProblems(family, story, lines)];
  });
  expect(problems).toEqual([]);
  expect(unknownWrites(families, lines)).toEqual([]);
}

/** Who makes the work of the processes, and where their systems note what they saw. */
export type Work = Readonly<{
  submitter: Submitter;
  soon: SoonSchedules;
  people: PeopleOfTheCompany;
  worldFile: string;
  /** How often anything was killed while they worked, for the tally. */
  kills: number;
}>;

/**
 * After the last kill: what was not submitted is, every run ends as its story tells, and every export verifies.
 * The runs with their children.
 */
export async function expectWorkEnds(
  client: SystemClient,
  { submitter, soon, people, worldFile, kills }: Work,
  withinMs: number,
): Promise<FamilyOfRuns[]> {
  while (submitter.left > 0) await submitter.submit(client, 50);
  await soon.set(client);
  await eventually('every schedule to have started runs', () => soon.pauseStarted(client), 90_000, 200);
  const runs = await allEnded(client, withinMs);
  await people.stop();
  const families = await familiesOf(client, runs);
  console.log(
    [
      `${families.length} runs with ${runs.length - families.length} children, ${kills} kills`,
      `people voted ${people.votes} times, signalled ${people.signals} times, filled ${people.forms} forms in`,
      ...[...people.decisions].map(([what, times]) => `  ${times} ${what}`),
      tallyOf(families.map(({ root }) => root)),
    ].join('\n'),
  );
  expect(people.refused).toEqual([]);
  expectStories(families, worldFile);
  const submitted = new Set([...submitter.accepted.values()].map(({ runId }) => runId));
  const bySchedules = families.filter(({ root }) => !submitted.has(root.runId));
  expect(new Set(bySchedules.map(({ root }) => root.workflow.name))).toEqual(new Set(processes));
  expect(await unverified(client, runs)).toEqual([]);
  return families;
}

/** The requests of the company's systems, as the invariants look at them. */
export function requestsIn(worldFile: string): TargetRequest[] {
  const done = new Set<string>();
  return new World(worldFile).lines().map(({ key, tool, at, isRefused, knowsKeys }: Line) => {
    const tookEffect = !isRefused && !(knowsKeys && done.has(key));
    if (tookEffect) done.add(key);
    return { key, tool, kind: 'write', at, tookEffect };
  });
}

/** Any instant: while work comes, or while the process still recovers. */
export const instant = (random: () => number, fromMs: number, toMs: number): Promise<void> =>
  after(fromMs + random() * (toMs - fromMs));

/** `12 loan completed`, and so on. */
function tallyOf(runs: readonly Run[]): string {
  const ends = Map.groupBy(runs, ({ workflow, status }) => `${workflow.name} ${status}`);
  return [...ends]
    .map(([end, all]) => `  ${all.length} ${end}`)
    .sort()
    .join('\n');
}
