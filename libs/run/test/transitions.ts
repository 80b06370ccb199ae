import type { RecordedEvent } from '@interlock/actors';
import type { RunEvent } from '@interlock/contracts';
import { evolve, type RunState } from '../src/index.js';
import { type Transition, transitionsIn } from '../src/transitions.js';

/** What the calls of a run have gone through, by its log. */
export function takenIn({
  events,
  key,
}: {
  readonly events: readonly RecordedEvent[];
  readonly key: string;
}): Transition[] {
  const taken: Transition[] = [];
  let state: RunState | undefined;
  for (const event of events) {
    const next = evolve(state, event, key);
    taken.push(...transitionsIn(state, event as RecordedEvent<RunEvent>, next));
    state = next;
  }
  return taken;
}
