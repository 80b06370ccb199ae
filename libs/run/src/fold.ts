import type { RecordedEvent } from '@interlock/actors';
import { evolve } from './evolve.js';
import type { RunState } from './state.js';

/** The state after `events` of one run, for readers: steps and outputs stay when the run has ended. */
export function foldRun(
  runId: string,
  events: Iterable<RecordedEvent>,
  from?: RunState,
): RunState | undefined {
  let state = from;
  for (const event of events) state = evolve(state, event, runId, { keepFinished: true });
  return state;
}
