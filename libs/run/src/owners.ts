import type { OwnerAt } from './call/owner.js';
import { roundOwner } from './decide/agent.owner.js';
import { compensationOwner } from './decide/rollback.owner.js';
import { stepOwner } from './steps/step.owner.js';
import { stepAt } from './workflow.plan.js';

/** Who owns the call at a place: asked here, and nowhere else. */
export const ownerAt: OwnerAt = (state, place) => {
  const { acts, undoes } = stepAt(state, place);
  if (undoes !== undefined) return compensationOwner;
  return acts === undefined ? stepOwner : roundOwner;
};
