import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { parseKeySet } from '@interlock/authority';
import { linesOf as linesOfExport, replayExport, verifyExport } from '@interlock/evidence';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { violationsIn } from '../e2e/log.check.ts';
import { newPlace } from '../e2e/place.ts';
import { acceptedOf, readStoredLog } from '../e2e/stored.log.ts';
import { isSettled, type Run, type SystemClient } from '../e2e/system.client.ts';
import { startSystem } from '../e2e/system.process.ts';
import { linesOf } from './trips.module.ts';
import { Submitter } from './workload.ts';

/** A long run sets these: CHILDREN_RUNS=200 CHILDREN_KILLS=40 CHAOS_SEED=3 vitest run ... */
const RUNS = Number(process.env.CHILDREN_RUNS ?? 36);
const KILLS = Number(process.env.CHILDREN_KILLS ?? 8);
const SEED = Number(process.env.CHAOS_SEED ?? 0);
/** Of three trips one is fine, one meets a storm, and one is called off. */
const kinds = ['fine', 'storm', 'off'] as const;

let place: Awaited<ReturnType<typeof newPlace>>;
beforeAll(async () => {
  place = await newPlace('children');
});
afterAll(() => place.remove());

const dataDir = () => join(place.directory, 'data');
const file = () => join(place.directory, 'trips.jsonl');
const options = () => ({
  dataDir: dataDir(),
  environment: {
    INTERLOCK_MODULES: 'test/chaos/trips.module.ts',
    TRIPS_FILE: file(),
    INTERLOCK_PARTITIONS: '4',
  },
});

test(`${RUNS} runs end with their ${2 * RUNS} children although the process is killed ${KILLS} times`, {
  timeout: 240_000 + KILLS * 20_000,
}, async () => {
  const jobs = Array.from({ length: RUNS }, (_, at) => {
    const trip = `${kinds[at % kinds.length]}-${at}`;
    return { key: trip, workflow: 'trip', input: { trip } };
  });
  const submitter = new Submitter(jobs);
  const calledOff = new Set<string>();
  for (let kill = 0; kill < KILLS; kill += 1) {
    const system = await startSystem(options());
    const working = submitter
      .submit(system.client, Math.ceil(RUNS / (KILLS * 0.75)))
      .then(() => callOff(system.client, submitter, calledOff));
    await after(200 + (((kill + SEED) * 137) % 500));
    await system.stop('SIGKILL');
    await working;
  }
  const system = await startSystem(options());
  while (submitter.left > 0) await submitter.submit(system.client, 50);
  await callOff(system.client, submitter, calledOff);
  const { client } = system;
  const ended = await Promise.all([...submitter.accepted.values()].map(({ runId }) => client.settled(runId)));
  expect(ended.filter((run) => !isSettled(run))).toEqual([]);
  const all = await client.runs();
  await expectLinks(client, ended[0]);
  for (const status of ['completed', 'rolled_back'])
    for (const run of [ended, all].map((runs) =>
      runs.find((one) => one.status === status && isChild(one) === (runs === all)),
    ))
      await expectEvidence(client, run);
  expect(await system.stop()).not.toBe('SIGKILL');

  expect(violationsIn(await readStoredLog(dataDir()))).toEqual([]);
  const unended = all.filter(({ status }) => !['completed', 'rolled_back', 'cancelled'].includes(status));
  expect(unended.map(({ runId, status }) => ({ runId, status }))).toEqual([]);
  const ends = Map.groupBy(ended, ({ input, status }) => `${nameOf(input).replace(/-\d+$/, '')} ${status}`);
  console.log(
    [...ends]
      .map(([end, runs]) => `${runs.length} ${end}`)
      .sort()
      .join(', '),
  );
  expect(
    ended
      .filter(({ input }) => nameOf(input).startsWith('storm'))
      .every(({ status }) => status === 'rolled_back'),
  ).toBe(true);
  for (const { input, status } of ended) expectLines(nameOf(input), status);
  const survivors = await survivorsOfKills();
  console.log(`${survivors.ended} children ended, and ${survivors.undone} were undone, over a kill`);
  expect(survivors.ended).toBeGreaterThan(KILLS / 4);
});

const nameOf = (input: unknown): string => (input as { trip: string }).trip;

/** Cancels what is to be called off, with all that it did; who is away by then is asked again by the next process. */
async function callOff(client: SystemClient, { accepted }: Submitter, done: Set<string>): Promise<void> {
  const off = [...accepted].filter(([trip]) => trip.startsWith('off') && !done.has(trip));
  await Promise.all(
    off.map(async ([trip, { runId }], at) => {
      await after((at % 5) * 60);
      const body = { type: 'cancel', reason: 'nobody wants to go', rollback: true, commandId: `off-${trip}` };
      const answer = await client.post(`/v1/runs/${runId}/commands`, body).catch(() => undefined);
      if (answer !== undefined && answer.status < 500) done.add(trip);
    }),
  );
}

/** A trip is booked whole, once, or all of it is undone, once. */
function expectLines(trip: string, status: string): void {
  const lines = linesOf(file()).filter((line) => line.trip === trip);
  const keysOf = (tool: string, what: string) =>
    new Set(lines.filter((line) => line.tool === tool && line.what === what).map(({ key }) => key)).size;
  for (const what of ['fee', 'flight', 'hotel']) {
    const booked = keysOf('book', what);
    const expected = status === 'completed' ? { booked: 1, undone: 0 } : { booked, undone: booked };
    expect({ trip, what, booked, undone: keysOf('undo', what) }).toEqual({ trip, what, ...expected });
    expect(booked).toBeLessThanOrEqual(1);
  }
}

const isChild = ({ parent }: Run): boolean => parent !== undefined;

/** The export of a run verifies, and replays to the state that it has, also of one that has ended twice. */
async function expectEvidence(client: SystemClient, run: Run | undefined): Promise<void> {
  const { runId = '', lastSeq } = run ?? {};
  const exported = async () => {
    const headers = { accept: 'application/x-ndjson' };
    const { body } = await client.fetch(`/v1/runs/${runId}/events`, { headers });
    if (body === null) throw new Error(`${runId} has no export`);
    return linesOfExport(body);
  };
  const { body: keys } = await client.get('/v1/keys');
  expect(await verifyExport(await exported(), parseKeySet(keys))).toMatchObject({
    ok: true,
    events: lastSeq,
    runId,
  });
  const { replay } = await replayExport(await exported());
  expect(replay).toMatchObject({ result: 'agrees', events: lastSeq });
}

async function expectLinks(client: SystemClient, run: Run | undefined): Promise<void> {
  const { children = [], runId } = (await client.run(run?.runId ?? '')) as Run;
  expect(children.map(({ step }) => step).sort()).toEqual(['flight', 'hotel']);
  for (const { runId: child, step } of children)
    expect(await client.run(child)).toMatchObject({ parent: { runId, step }, rootRunId: runId });
}

/** Children that one process started and whose end another one recorded; the same of undoing: else nothing is proved. */
async function survivorsOfKills(): Promise<{ ended: number; undone: number }> {
  const events = acceptedOf(await readStoredLog(dataDir()), 'run.events');
  const between = (first: string, second: string): number => {
    const epochs = new Map(
      events.filter(({ type }) => type === first).map(({ data, meta }) => [data.runId, meta.epoch]),
    );
    return events.filter(({ type, data, meta }) => type === second && epochs.get(data.runId) !== meta.epoch)
      .length;
  };
  return {
    ended: between('child.requested', 'child.ended'),
    undone: between('child.undo_requested', 'child.undone'),
  };
}
