import { describeRun, type RunState, type WaitingFor } from '@interlock/run';
import { hasEnded } from './ends.js';
import type { FencedPartition, Logged, Reading } from './reading.js';
import type { Invariant, Violation } from './view.js';

/**
 * I10: every open run waits for something named, after every append; in the end only runs that wait for people are open, and who is
 * asked to allow something has until an instant that has not come.
 */
export const alwaysWaiting: Invariant = (reading) => [
  ...reading.fenced
    .filter(({ topic }) => topic === 'run.events')
    .flatMap((one) => afterAppends(reading, one)),
  ...(reading.view.ended ? stillOpen(reading) : []),
];

function afterAppends({ states, runs }: Reading, { accepted }: FencedPartition): Violation[] {
  const touched = new Map<string, number>();
  const violations: Violation[] = [];
  for (const { wires, meta } of accepted) {
    if (meta.run !== undefined && meta.seq !== undefined) touched.set(meta.run, meta.seq + wires.length - 1);
    if (meta.cursor === undefined) continue;
    for (const [run, seq] of touched) {
      const state = states.get(run)?.[seq - 1];
      if (state === undefined || waitsForSomething(state) || isDueAtOnce(runs.get(run)?.[seq])) continue;
      violations.push({ invariant: 'I10', run, message: `waits for nothing after seq ${seq}` });
    }
    touched.clear();
  }
  return violations;
}

/** A decision that is full leaves the rest for the next one, which nothing has to bring about. */
const isDueAtOnce = (next: Logged<unknown> | undefined): boolean =>
  next !== undefined && next.meta.cause === undefined;

const waitsForSomething = ({
  end,
  rollback,
  ready,
  active,
  openRequests,
  unjudged,
  openPlans,
  spent,
}: RunState): boolean =>
  end !== null ||
  rollback !== null ||
  // All of it is done, and the store has still to answer what its output is made of.
  (spent.keptBytes ?? 0) > 0 ||
  ready.length + active.length + openRequests.length + unjudged.length + openPlans.length > 0;

const timed: ReadonlySet<WaitingFor['kind']> = new Set(['approval', 'form', 'conversation']);

const isForPeople = ({ kind, until = 0 }: WaitingFor, now: number): boolean =>
  kind === 'operator' || (timed.has(kind) && until > now - EXPIRY_DELAY_MS);

/** The expiry of an approval takes this long at most until its run knows of it. */
const EXPIRY_DELAY_MS = 10_000;

function stillOpen({ runs, states, fenced }: Reading): Violation[] {
  const ended = fenced.reduce((latest, { accepted }) => Math.max(latest, accepted.at(-1)?.meta.time ?? 0), 0);
  const violations: Violation[] = [];
  for (const [run, events] of runs) {
    if (hasEnded(events)) continue;
    const state = states.get(run)?.at(-1);
    const waits = state === undefined ? [] : (describeRun(state).waitingFor ?? []);
    if (waits.some((wait) => isForPeople(wait, ended))) continue;
    const named = waits.map(({ kind, step, detail }) => `${kind} ${step}: ${detail}`).join('; ');
    violations.push({ invariant: 'I10', run, message: `never ended; it waits for ${named || 'nothing'}` });
  }
  return violations;
}
