import { isSuccess } from '../call/outcomes.js';
import type { CallOwner } from '../call/owner.js';

/** Nobody waits for a write of a turn that is over. */
export const pastOwner: CallOwner = {
  purpose: 'step',
  outlastsRun: false,
  clearsDoubt: false,
  leadsOn: false,

  step: () => undefined,
  gives: isSuccess,
  attempted: () => undefined,
  happened: () => undefined,
  failed: () => undefined,
  skipped: () => undefined,
  demanded: () => undefined,
  asksPeople: () => false,
  refuse: () => undefined,
  mark: () => ({}),
};
