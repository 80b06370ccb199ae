import type { ApprovalRequirement } from '@interlock/contracts';
import { type Answer, denied } from './bundle.js';

/** One person at least, of these roles: what is required of people for a reason that lies outside every policy. */
export interface Floor {
  readonly approvers: readonly string[];
  /** For people: why it is required. */
  readonly why: string;
}

/**
 * A policy's answer with what is required besides. A quorum for what comes out is one for both:
 *
 *   people      as many as policy asks for, one at least
 *   approvers   roles that both accept; none in common: denied, because no vote would satisfy both
 *   escalation  of policy's roles those that the floor accepts too; none: to nobody
 *   times       policy's, default included: the floor says nothing of silence
 *
 * A deny stays what it is.
 */
export function atLeast(answer: Answer, { approvers, why }: Floor): Answer {
  if (answer.verdict === 'deny') return answer;
  const asked = answer.approval ?? { kind: 'single' as const, approvers: [...approvers] };
  const accepted = asked.approvers.filter((role) => approvers.includes(role));
  if (accepted.length === 0)
    return denied(
      `${why} takes somebody of ${listed(approvers)}, policy asks for ${listed(asked.approvers)}: no role is in both`,
      answer.policies,
    );
  const approval: ApprovalRequirement = {
    ...escalated(asked, approvers),
    kind: asked.kind,
    approvers: [...new Set(accepted)].sort(),
  };
  const reason = `${answer.reason}; ${why} asks for ${approval.kind} approval`.slice(0, 2_000);
  return { ...answer, approval, reason };
}

function escalated(
  { escalateTo = [], escalateAfterMs, ...asked }: ApprovalRequirement,
  approvers: readonly string[],
): ApprovalRequirement {
  const to = escalateTo.filter((role) => approvers.includes(role));
  if (to.length === 0) return asked;
  return { ...asked, escalateTo: to, ...(escalateAfterMs !== undefined && { escalateAfterMs }) };
}

const listed = (roles: readonly string[]): string => (roles.length === 0 ? 'nobody' : roles.join(' or '));
