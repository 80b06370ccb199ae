import { type RunEvent, terminalEventTypes } from '@interlock/contracts';
import { describeRun, evolve, foldRun, type RunState } from '@interlock/run';
import type { FencedPartition, Logged, Reading } from './reading.js';
import type { Invariant, Violation } from './view.js';

/** What only people can move; such a run may stay open. */
const forPeople: ReadonlySet<string> = new Set(['operator', 'approval']);

/** I10: every open run waits for something named, after every append; in the end only runs that wait for people are open. */
export const alwaysWaiting: Invariant = (reading) => [
  ...reading.fenced
    .filter(({ topic }) => topic === 'run.events')
    .flatMap((one) => afterAppends(reading, one)),
  ...(reading.view.ended ? stillOpen(reading) : []),
];

function afterAppends({ runs }: Reading, { accepted }: FencedPartition): Violation[] {
  const events = new Map<number, Logged<RunEvent>>();
  for (const run of runs.values()) for (const event of run) events.set(event.offset, event);
  const states = new Map<string, RunState>();
  const touched = new Set<string>();
  const violations: Violation[] = [];
  for (const { offset, meta, record } of accepted) {
    const event = meta.run === undefined ? undefined : events.get(offset);
    if (event !== undefined && meta.run !== undefined && record.value !== null) {
      touched.add(meta.run);
      fold(states, meta.run, event);
    }
    if (meta.cursor === undefined) continue;
    for (const run of touched) {
      const state = states.get(run);
      if (state === undefined || waitsForSomething(state)) continue;
      violations.push({ invariant: 'I10', run, message: `waits for nothing after seq ${state.seq}` });
    }
    touched.clear();
  }
  return violations;
}

function fold(states: Map<string, RunState>, run: string, event: Logged<RunEvent>): void {
  const { id, seq = 0, time } = event.meta;
  const state = evolve(states.get(run), { ...event, id, seq, time }, run);
  if (state !== undefined) states.set(run, state);
}

const waitsForSomething = ({ end, ready, active, openArms, unjudged }: RunState): boolean =>
  end !== null || ready.length + active.length + openArms.length + unjudged.length > 0;

function stillOpen({ runs }: Reading): Violation[] {
  const violations: Violation[] = [];
  for (const [run, events] of runs) {
    if (events.some(({ type }) => terminalEventTypes.has(type))) continue;
    const recorded = events.map((event) => ({
      ...event,
      id: event.meta.id,
      seq: event.meta.seq ?? 0,
      time: event.meta.time,
    }));
    const state = foldRun(run, recorded);
    const waits = state === undefined ? [] : (describeRun(state).waitingFor ?? []);
    if (waits.length > 0 && waits.some(({ kind }) => forPeople.has(kind))) continue;
    const named = waits.map(({ kind, step, detail }) => `${kind} ${step}: ${detail}`).join('; ');
    violations.push({ invariant: 'I10', run, message: `never ended; it waits for ${named || 'nothing'}` });
  }
  return violations;
}
