import type { ToolPin } from '@interlock/language';
import { firstOf, requestCall } from '../call/request.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { CallWrite } from './state.js';

/**
 * Requests the call that undoes a write. It does not count as a tool call of the run: what is left of a budget must not decide whether a
 * write can be undone, so compensations and their verifications reserve nothing (I7) and are
 * counted apart. What bounds them: one for each write, with the attempts that retry and recovery allow.
 * @returns its hash; if it equals the write's own hash, nothing was requested
 */
export function requestCompensation(
  draft: DecisionDraft,
  write: CallWrite,
  pin: ToolPin,
  args: unknown,
): string {
  const { hash, generation } = draft.call(write.call);
  const { step } = draft.called(write.call);
  const about = { step, pin, effect: 'write', purpose: 'compensate', occurrence: 1, generation } as const;
  const first = firstOf(draft, { ...about, arguments: args });
  if (first.hash === hash) return hash;
  requestCall(draft, step, { ...first, notAfter: draft.now + draft.settings.notAfterMs });
  return first.hash;
}
