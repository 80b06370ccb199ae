import { roundOwner } from './agent/owner.js';
import type { OwnerAt } from './call/owner.js';
import { compensationOwner } from './rollback/owner.js';
import { stepAt } from './scope/workflow.index.js';
import { stepOwner } from './step/owner.js';

/** Who owns the call at a place: asked here, and nowhere else. */
export const ownerAt: OwnerAt = (state, place) => {
  const { acts, undoes } = stepAt(state, place);
  if (undoes !== undefined) return compensationOwner;
  return acts === undefined ? stepOwner : roundOwner;
};
