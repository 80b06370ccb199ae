import type { DecisionDraft } from '../decision.draft.js';
import type { CallIndex } from '../indices.js';
import { isBlocked, isCurrent } from '../scope/called.js';

/** Tells the owner of a performed call once its after-check allows and everything it needs is closed. */
export function completeWhenAllowed(draft: DecisionDraft, call: CallIndex): undefined {
  const { at } = draft.call(call);
  if (at.phase !== 'happened' || at.check?.isAllowed !== true) return;
  if (!isCurrent(draft.state, call) || isBlocked(draft.state, call)) return;
  draft.owner(call).happened(draft, call);
}
