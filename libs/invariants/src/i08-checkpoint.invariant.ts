import type { RunEvent } from '@interlock/contracts';
import { type RunState, STATE_VERSION, stateHash } from '@interlock/run';
import type { Logged } from './reading.js';
import type { Invariant, LiveRun, Violation } from './view.js';

/** I8: the fold of the log is what a checkpoint says, and what a running host holds. */
export const foldAgrees: Invariant = ({ runs, states, view }) => {
  const live = new Map((view.live ?? []).map((one) => [`${one.runId}/${one.seq}`, one]));
  return [...runs].flatMap(([run, events]) => checkRun(run, events, states.get(run) ?? [], live));
};

function checkRun(
  run: string,
  events: readonly Logged<RunEvent>[],
  states: readonly (RunState | undefined)[],
  live: ReadonlyMap<string, LiveRun>,
): Violation[] {
  const violations: Violation[] = [];
  const hashAt = (seq: number): string | undefined => {
    const state = states[seq - 1];
    return state && stateHash(state);
  };
  for (const event of events) {
    const { seq = 0 } = event.meta;
    if (event.type === 'run.checkpointed' && event.data.stateVersion === STATE_VERSION) {
      if (hashAt(event.data.seq) !== event.data.stateHash) {
        const message = `the checkpoint at seq ${seq} is not the fold up to ${event.data.seq}`;
        violations.push({ invariant: 'I8', run, message });
      }
    }
    const deferred = live.get(`${run}/${seq}`);
    if (deferred !== undefined && deferred.stateHash !== hashAt(seq)) {
      violations.push({ invariant: 'I8', run, message: `a running host holds another state at seq ${seq}` });
    }
  }
  return violations;
}
