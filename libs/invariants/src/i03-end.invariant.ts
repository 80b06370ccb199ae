import { type RunEvent, terminalEventTypes } from '@interlock/contracts';
import type { Logged } from './reading.js';
import type { Invariant, Violation } from './view.js';

/** What may follow the end of a run. */
const afterwards: ReadonlySet<string> = new Set(['call.late_recorded', 'command.refused']);

/**
 * I3: a run ends once; afterwards only late outcomes, and commands that came too late, are recorded. One that has completed ends once more
 * where it undoes what it did because the run above does.
 */
export const oneEnd: Invariant = ({ runs }) =>
  [...runs].flatMap(([run, events]) => problemOf(run, events) ?? []);

function problemOf(run: string, events: readonly Logged<RunEvent>[]): Violation | undefined {
  let ended: string | undefined;
  let hasUndone = false;
  for (const { type, meta } of events) {
    if (ended === 'run.completed' && type === 'run.undoing' && !hasUndone) {
      hasUndone = true;
      ended = undefined;
    } else if (ended !== undefined && !afterwards.has(type)) {
      return { invariant: 'I3', run, message: `${type} (seq ${meta.seq}) follows ${ended}` };
    }
    if (terminalEventTypes.has(type)) ended = type;
  }
  return undefined;
}
