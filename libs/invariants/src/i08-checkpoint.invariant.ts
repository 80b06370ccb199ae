import type { RunEvent } from '@interlock/contracts';
import { evolve, type RunState, STATE_VERSION, stateHash } from '@interlock/run';
import type { Logged } from './reading.js';
import type { Invariant, LiveRun, Violation } from './view.js';

/** I8: the fold of the log is what a checkpoint says, and what a running host holds. */
export const foldAgrees: Invariant = ({ runs, view }) => {
  const live = new Map((view.live ?? []).map((one) => [`${one.runId}/${one.seq}`, one]));
  return [...runs].flatMap(([run, events]) => checkRun(run, events, live));
};

function checkRun(
  run: string,
  events: readonly Logged<RunEvent>[],
  live: ReadonlyMap<string, LiveRun>,
): Violation[] {
  const violations: Violation[] = [];
  const hashes = new Map<number, string>();
  let state: RunState | undefined;
  for (const [place, event] of events.entries()) {
    const { id, seq = 0, time } = event.meta;
    state = evolve(state, { ...event, id, seq, time }, run);
    const next = events[place + 1];
    if (state !== undefined && next?.type === 'run.checkpointed') hashes.set(seq, stateHash(state));
    if (event.type === 'run.checkpointed' && event.data.stateVersion === STATE_VERSION) {
      const found = hashes.get(event.data.seq);
      if (found !== event.data.stateHash) {
        violations.push({
          invariant: 'I8',
          run,
          message: `the checkpoint at seq ${seq} is not the fold up to ${event.data.seq}`,
        });
      }
    }
    const held = live.get(`${run}/${seq}`);
    if (held !== undefined && state !== undefined && held.stateHash !== stateHash(state)) {
      violations.push({ invariant: 'I8', run, message: `a running host holds another state at seq ${seq}` });
    }
  }
  return violations;
}
