import type { StepIndex } from '../indices.js';
import { writesOfStep } from '../life/reopen.plan.js';
import { isOfCall } from '../rollback/state.js';
import type { RunState } from '../state.js';

/** It wrote something that stands, and that could be undone. */
export const hasUndoable = (state: RunState, step: StepIndex): boolean =>
  writesOfStep(state, step).some(
    (write) => isOfCall(write) && write.settled === undefined && write.compensation !== undefined,
  );
