import {
  ApprovalOpened,
  ApprovalRequested,
  type ApprovalRequirement,
  ApprovalVoted,
  callHashOf,
  type HashedCall,
  type HashedQuestion,
  hashedCallOf,
  type Message,
  questionHashOf,
} from '@interlock/contracts';

const single: ApprovalRequirement = { kind: 'single', approvers: ['lead'] };
const dual: ApprovalRequirement = { kind: 'dual', approvers: ['finance'], escalateTo: ['director'] };
export const requirements = { single, dual };

const EXPIRES_AT = 1_795_425_300_000;
const action = {
  tool: 'refunds.create',
  toolHash: 'tool-hash',
  occurrence: 1,
  arguments: { orderId: 'ord-1', amount: 120 },
};
const asks = { question: 'Is this customer known?', details: { customer: 'cus-1' } };

/** A request of the run's next event, and its opening: `approvalId` is `<runId>.<seq>` of the first of them. */
export const opened = (
  approvalId: string,
  requirement = single,
  requester = 'rita',
  more: { shapedBy?: string[] } = {},
): Message[] =>
  requestOf(approvalId, requirement, requester, {
    ...more,
    action,
    why: ['refunds.medium'],
    reason: 'Over 50 needs a lead.',
  });

/** The same for a question of the workflow. */
export const asked = (approvalId: string): Message[] =>
  requestOf(approvalId, single, 'rita', { ...asks, why: [], reason: 'The workflow asks.' });

const SALT = 'a-salt-of-128-bits-0_0';

/** What the vote on such a request is for, as an interface shows it. */
export function hashedIn(approvalId: string): HashedCall {
  const [runId = ''] = approvalId.split('.');
  return hashedCallOf(runId, { ...action, step: 'go', generation: 1, salt: SALT });
}
const hashedQuestionIn = (approvalId: string): HashedQuestion => {
  const [runId = ''] = approvalId.split('.');
  return { runId, path: 'go', generation: 1, salt: SALT, ...asks };
};
export const callHashIn = (approvalId: string): string => callHashOf(hashedIn(approvalId));

type Shown = Partial<typeof asks> & {
  action?: typeof action;
  shapedBy?: string[];
  why: string[];
  reason: string;
};

function requestOf(
  approvalId: string,
  requirement: ApprovalRequirement,
  requester: string,
  shown: Shown,
): Message[] {
  const { why, reason, shapedBy = [requester] } = shown;
  const callHash =
    shown.action === undefined ? questionHashOf(hashedQuestionIn(approvalId)) : callHashIn(approvalId);
  const named = { approvalId, step: 'go', salt: SALT, callHash, requirement, requester, shapedBy };
  return [
    ApprovalRequested({
      ...named,
      subject: { kind: 'question', ...asks, generation: 1 },
      why,
      reason,
    }),
    ApprovalOpened({ ...named, generation: 1, ...shown, expiresAt: EXPIRES_AT }),
  ];
}

export const voted = (approvalId: string, sub: string, roles: string[], vote: 'approve' | 'deny'): Message =>
  ApprovalVoted({
    approvalId,
    commandId: `${approvalId}/${sub}`,
    by: { sub, roles },
    vote,
    callHash: callHashIn(approvalId),
    reason: `${sub} says so`,
  });
