import { isTerminal, type RunEvent } from '@interlock/contracts/http';
import { effective, type Line } from '../../examples/processes/world.ts';
import type { Run } from '../e2e/system.client.ts';
import type { Story } from './processes.stories.ts';

/** A run with all that it has started. */
export interface FamilyOfRuns {
  readonly root: Run;
  readonly events: ReadonlyMap<string, readonly RunEvent[]>;
  readonly runs: readonly Run[];
}

type DataOf = Readonly<Record<string, unknown>>;
const dataOf = ({ data }: RunEvent): DataOf => data as DataOf;

/** What is wrong with how a family has ended, by what it says itself; nothing, if its story came true. */
export function endProblems({ root, runs, events }: FamilyOfRuns, story: Story): string[] {
  const problems: string[] = [];
  const expected = { status: story.status, output: story.output, code: story.code };
  const came = { status: root.status, output: root.output, code: root.failure?.code };
  if (JSON.stringify(came) !== JSON.stringify(expected))
    problems.push(`${nameOf(root)} is ${JSON.stringify(came)}, not ${JSON.stringify(expected)}`);
  for (const run of runs) {
    if (!isTerminal(run.status)) problems.push(`${nameOf(run)} has not ended: ${run.status}`);
    if (run.parent !== undefined && !isKnown(run, events.get(run.parent.runId) ?? []))
      problems.push(`${nameOf(run)} is ${run.status}, and its parent does not know it`);
  }
  return problems;
}

/** Its parent has recorded how it has ended, and, where it was undone later, that too; of a detached one that it has started. */
function isKnown({ runId, status }: Run, ofParent: readonly RunEvent[]): boolean {
  const about = ofParent.filter((event) => dataOf(event).runId === runId);
  const requested = about.find(({ type }) => type === 'child.requested');
  if (requested !== undefined && dataOf(requested).budget === undefined)
    return about.some(({ type }) => type === 'child.started');
  const ended = about.filter(({ type }) => type === 'child.ended');
  const isUndone = about.some(({ type }) => type === 'child.undone');
  const [end] = ended;
  if (ended.length !== 1 || end === undefined) return false;
  return dataOf(end).status === status || (dataOf(end).status === 'completed' && isUndone);
}

/** What is wrong with what the systems have seen of a family. */
export function writeProblems(family: FamilyOfRuns, story: Story, lines: readonly Line[]): string[] {
  const happened = happenedIn(family, family.root.runId);
  const undoing = new Set(undoingIn(family));
  const keys = new Set([...family.events.values()].flatMap((events) => events.flatMap(keyOf)));
  const mine = effective(lines).filter(({ key }) => keys.has(key));
  const forward = mine.filter(({ key }) => !undoing.has(key));
  const counted = countsOf(forward.map(({ tool }) => tool));
  const problems: string[] = [];
  const about = nameOf(family.root);
  if (JSON.stringify(counted) !== JSON.stringify(sorted(story.writes)))
    problems.push(`${about} wrote ${JSON.stringify(counted)}, not ${JSON.stringify(story.writes)}`);
  const undone = mine.filter(({ key }) => undoing.has(key)).map(({ reference }) => reference);
  const byKey = new Map(forward.map((line) => [line.key, line]));
  const toUndo =
    story.status === 'completed'
      ? []
      : happened
          .toReversed()
          .flatMap((key) => byKey.get(key) ?? [])
          .filter(({ tool }) => story.stands?.includes(tool) !== true)
          .map(({ reference }) => reference);
  if (JSON.stringify(undone) !== JSON.stringify(toUndo))
    problems.push(`${about} undid ${undone.join(', ')}; in reverse it is ${toUndo.join(', ')}`);
  return problems;
}

/** Keys under which something was changed that no run knows of. */
export function unknownWrites(families: readonly FamilyOfRuns[], lines: readonly Line[]): Line[] {
  const keys = new Set(families.flatMap(({ events }) => [...events.values()].flat().flatMap(keyOf)));
  return lines.filter(({ key }) => !keys.has(key));
}

const keyOf = (event: RunEvent): string[] =>
  event.type === 'call.requested' ? [String(dataOf(event).callHash)] : [];

/** Writes of a run and its children, in the order in which its log, and of a child the log of that, says that they happened. */
function happenedIn(family: FamilyOfRuns, runId: string): string[] {
  const requests = new Map<string, DataOf>();
  const happened: string[] = [];
  const add = (call: DataOf | undefined) => {
    const key = String(call?.callHash);
    if (call?.purpose === 'step' && call.effect === 'write' && !happened.includes(key)) happened.push(key);
  };
  for (const event of family.events.get(runId) ?? []) {
    const data = dataOf(event);
    switch (event.type) {
      case 'call.requested':
        requests.set(String(event.id), data);
        break;
      case 'call.recorded':
        if ((data.outcome as { kind: string }).kind === 'succeeded')
          add(requests.get(String(data.requestId)));
        break;
      case 'call.doubt_resolved':
        if (data.happened === true)
          add([...requests.values()].find(({ callHash }) => callHash === data.callHash));
        break;
      case 'child.ended':
        happened.push(...happenedIn(family, String(data.runId)));
        break;
    }
  }
  return happened;
}

const undoingIn = ({ events }: FamilyOfRuns): string[] =>
  [...events.values()]
    .flat()
    .filter((event) => event.type === 'call.requested' && dataOf(event).purpose === 'compensate')
    .map((event) => String(dataOf(event).callHash));

const nameOf = ({ workflow, runId, input }: Run): string =>
  `${workflow.name} ${runId} ${JSON.stringify(input)}`;

const countsOf = (names: readonly string[]): Record<string, number> =>
  sorted(
    Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length])),
  );

const sorted = (counts: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1)));
