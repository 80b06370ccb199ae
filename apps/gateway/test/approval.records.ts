import {
  ApprovalOpened,
  ApprovalRequested,
  type ApprovalRequirement,
  ApprovalVoted,
  type Message,
} from '@interlock/contracts';

const single: ApprovalRequirement = { kind: 'single', approvers: ['lead'] };
const dual: ApprovalRequirement = { kind: 'dual', approvers: ['finance'], escalateTo: ['director'] };
export const requirements = { single, dual };

const EXPIRES_AT = 1_795_425_300_000;
const action = { tool: 'refunds.create', arguments: { orderId: 'ord-1', amount: 120 } };
const asks = { question: 'Is this customer known?', details: { customer: 'cus-1' } };

/** A request of the run's next event, and its opening: `approvalId` is `<runId>.<seq>` of the first of them. */
export const opened = (approvalId: string, requirement = single, requester = 'rita'): Message[] =>
  requestOf(approvalId, requirement, requester, {
    action,
    why: ['refunds.medium'],
    reason: 'Over 50 needs a lead.',
  });

/** The same for a question of the workflow. */
export const asked = (approvalId: string): Message[] =>
  requestOf(approvalId, single, 'rita', { ...asks, why: [], reason: 'The workflow asks.' });

type Shown = Partial<typeof asks> & { action?: typeof action; why: string[]; reason: string };

function requestOf(
  approvalId: string,
  requirement: ApprovalRequirement,
  requester: string,
  shown: Shown,
): Message[] {
  const { why, reason } = shown;
  const named = { approvalId, step: 'go', callHash: `hash of ${approvalId}`, requirement, requester };
  return [
    ApprovalRequested({
      ...named,
      salt: 'a-salt-of-128-bits-0_0',
      subject: { kind: 'question', ...asks, generation: 1 },
      why,
      reason,
    }),
    ApprovalOpened({ ...named, ...shown, expiresAt: EXPIRES_AT }),
  ];
}

export const voted = (approvalId: string, sub: string, roles: string[], vote: 'approve' | 'deny'): Message =>
  ApprovalVoted({
    approvalId,
    commandId: `${approvalId}/${sub}`,
    by: { sub, roles },
    vote,
    reason: `${sub} says so`,
  });
