import { type ApprovalRequirement, isQuorum } from '@interlock/contracts';
import { type Arming, isLater, type Reading } from './reading.js';

/**
 * Whether the approval service, in its own topic, confirmed this arming: for the call it holds, and by votes that meet what the
 * verdict requires.
 * @param at when it has to have said so, ms; undefined: whenever
 */
export const isConfirmed = (
  { confirmations }: Reading,
  { data, meta }: Arming,
  requirement: ApprovalRequirement,
  at?: number,
): boolean =>
  (confirmations.get(meta.id) ?? []).some(
    ({ data: said, landedAt }) =>
      said.approvalId === data.approvalId &&
      said.callHash === data.callHash &&
      isQuorum(requirement, said.votes, data.principal.requester) &&
      !isLater(landedAt, at),
  );
