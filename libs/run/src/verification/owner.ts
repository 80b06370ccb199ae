import { requestApproval } from '../approval/decide.js';
import type { CallOwner } from '../call/owner.js';
import { askPerson } from '../call/recovery.js';
import { ownerAt } from '../owners.js';
import { doubtedBy } from '../scope/called.js';
import { isFound, verified } from './decide.js';

/** A call in doubt, of which the verify tool says what has become. Where it cannot say so a person is asked. */
export const verificationOwner: CallOwner = {
  purpose: 'verify',
  outlastsRun: true,
  clearsDoubt: true,
  leadsOn: false,

  step(state, call) {
    const doubted = doubtedBy(state, call);
    return ownerAt(state, doubted).step(state, doubted);
  },
  gives: isFound,
  attempted: verified,
  // Its answer is not checked by itself: the check of the call in doubt is about it.
  happened: () => undefined,
  failed: (draft, call, failure) => askPerson(draft, doubtedBy(draft.state, call), failure),
  skipped: () => undefined,
  demanded: requestApproval,
  asksPeople: () => true,
  refuse: () => undefined,
  mark(draft, call) {
    const { tool, toolHash } = draft.called(doubtedBy(draft.state, call));
    return { verifies: { tool, toolHash } };
  },
};
