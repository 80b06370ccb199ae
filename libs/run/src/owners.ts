import { roundOwner } from './agent/owner.js';
import { callAt } from './call/calls.js';
import type { CallOwner, OwnerAt } from './call/owner.js';
import type { Owner } from './call/state.js';
import { compensationOwner } from './rollback/owner.js';
import { pastOwner } from './scope/past.owner.js';
import { stepOwner } from './step/owner.js';
import { verificationOwner } from './verification/owner.js';

/** Who speaks for the owner of a call. */
export const ownerAt: OwnerAt = (state, call) => ownerOf(callAt(state, call).owner);

function ownerOf({ kind }: Owner): CallOwner {
  switch (kind) {
    case 'step':
      return stepOwner;
    case 'agent':
      return roundOwner;
    case 'past':
      return pastOwner;
    case 'compensation':
      return compensationOwner;
    case 'verification':
      return verificationOwner;
  }
}
