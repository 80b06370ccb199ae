import { type RunEvent, terminalEventTypes } from '@interlock/contracts';
import type { Logged } from './reading.js';
import type { Invariant, Violation } from './view.js';

/** After these nobody takes it up again. */
const forGood: ReadonlySet<string> = new Set(['run.closed', 'run.lapsed', 'values.erasing']);

/** What may follow the end of a run. */
const afterwards: ReadonlySet<string> = new Set([
  'call.late_recorded',
  'command.refused',
  'run.closed',
  'run.lapsed',
  'values.erasing',
  'values.counted',
  'values.erased',
]);

/**
 * I3: a run ends once; afterwards only late outcomes, commands that came too late, and what is said of its end are recorded. One that has
 * completed ends once more where it undoes what it did because the run above does. One whose end says that it may be taken up again ends once for
 * each time that an operator has done so, and never after it was closed or has lapsed, or its values are erased.
 */
export const oneEnd: Invariant = ({ runs }) =>
  [...runs].flatMap(([run, events]) => problemOf(run, events) ?? []);

function problemOf(run: string, events: readonly Logged<RunEvent>[]): Violation | undefined {
  let ended: string | undefined;
  let hasUndone = false;
  let isResumable = false;
  for (const { type, data, meta } of events) {
    const isUndoing: boolean = ended === 'run.completed' && type === 'run.undoing' && !hasUndone;
    const isReopened: boolean = isResumable && type === 'run.reopened';
    if (isUndoing || isReopened) {
      hasUndone ||= isUndoing;
      ended = undefined;
    } else if (ended !== undefined && !afterwards.has(type)) {
      return { invariant: 'I3', run, message: `${type} (seq ${meta.seq}) follows ${ended}` };
    }
    if (terminalEventTypes.has(type)) ended = type;
    if (type === 'run.failed' || type === 'run.escalated') isResumable = data.resumable === true;
    else if (!afterwards.has(type) || forGood.has(type)) isResumable = false;
  }
  return undefined;
}
