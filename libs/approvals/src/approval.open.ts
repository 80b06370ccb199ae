import { type Decision, nothing, type TopicMessage } from '@interlock/actors';
import {
  APPROVAL_EXPIRES_AFTER_MS,
  type ApprovalEvent,
  ApprovalOpened,
  type ApprovalRequested,
  type ApprovalRequirement,
  ApprovalWithdrawn,
  callHashOf,
  hashedCallOf,
  type MessageOf,
  questionHashOf,
} from '@interlock/contracts';
import { type ApprovalState, approvalOf, openOf } from './approval.state.js';

/** Open approvals of one run at most: the end of the run withdraws them in one decision. */
export const APPROVALS_OPEN_MAX = 100;
/** Approvals of one run at most, settled ones included: they are kept until it ends. */
export const APPROVALS_MAX = 1_000;

export const EXPIRES_AFTER_MS = APPROVAL_EXPIRES_AFTER_MS;

type Requested = MessageOf<typeof ApprovalRequested>['data'];

/**
 * Opens an approval that a run requests. What people are shown, and so vote for, is hashed here from the request. A request that nobody may
 * vote on is withdrawn at once, so that the run does not wait for it.
 */
export function open(
  state: ApprovalState | undefined,
  message: TopicMessage<MessageOf<typeof ApprovalRequested>>,
  runId: string,
  now: number,
): Decision<ApprovalEvent> {
  const { data: request } = message;
  const { approvalId } = request;
  if (approvalOf(state, approvalId) !== undefined) return nothing;
  const callHash = hashOfSubject(request, runId);
  const because =
    callHash === request.callHash ? excessOf(state) : 'the request names another hash than its subject has';
  const event: ApprovalEvent =
    because === undefined
      ? ApprovalOpened({ ...openedFrom(request), callHash, ...timersOf(request.requirement, now) })
      : ApprovalWithdrawn({ approvalId, because });
  return { events: [{ ...event, ref: message.offset }] };
}

function hashOfSubject({ subject, step, salt }: Requested, runId: string): string {
  if (subject.kind === 'call') return callHashOf(hashedCallOf(runId, { ...subject, step, salt }));
  const { question, details, generation } = subject;
  return questionHashOf({ runId, path: step, generation, salt, question, details });
}

function excessOf(state: ApprovalState | undefined): string | undefined {
  if (openOf(state).length >= APPROVALS_OPEN_MAX)
    return `the run waits for ${APPROVALS_OPEN_MAX} approvals already`;
  const all = Object.keys(state?.approvals ?? {}).length;
  return all >= APPROVALS_MAX ? `the run has asked for ${APPROVALS_MAX} approvals already` : undefined;
}

function openedFrom({ subject, callHash: _, influencedBy, ...request }: Requested) {
  const { generation } = subject;
  if (subject.kind === 'question')
    return { ...request, generation, question: subject.question, details: subject.details };
  const { tool, toolHash, occurrence, arguments: args } = subject;
  const action = { tool, toolHash, occurrence, arguments: args, ...(influencedBy && { influencedBy }) };
  return { ...request, generation, action };
}

/** Instants of the escalation. A timer that would be due after the expiry is left out. */
function timersOf(requirement: ApprovalRequirement, now: number) {
  const { escalateTo = [], expiresAfterMs = EXPIRES_AFTER_MS } = requirement;
  const { remindAfterMs = expiresAfterMs / 2, escalateAfterMs = (expiresAfterMs / 4) * 3 } = requirement;
  const before = (afterMs: number) => (afterMs < expiresAfterMs ? now + Math.ceil(afterMs) : undefined);
  return {
    remindAt: before(remindAfterMs),
    escalateAt: escalateTo.length === 0 ? undefined : before(escalateAfterMs),
    expiresAt: now + expiresAfterMs,
  };
}
