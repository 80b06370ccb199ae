import {
  ApprovalConfirmed,
  ApprovalUnconfirmed,
  CallRecorded,
  CallRevoked,
  LateOutcomeRecorded,
  RunCompleted,
} from '@interlock/contracts';
import { callAsRequested, voteOn } from './check.fixture.js';

const { callHash } = callAsRequested();

export const succeeded = (requestId: string, output: unknown = { refundId: 'r1' }) =>
  CallRecorded({
    requestId,
    step: 'pay',
    outcome: { kind: 'succeeded', output },
    check: checkOf(),
  });
export const failed = (requestId: string) =>
  CallRecorded({
    requestId,
    step: 'pay',
    outcome: { kind: 'failed', failure: { class: 'transient', code: 'x', message: 'x' } },
  });
export const late = (requestId: string, effect: 'answers' | 'agrees') =>
  LateOutcomeRecorded({
    requestId,
    step: 'pay',
    callHash,
    outcome: { ok: true, output: { refundId: 'r1' } },
    effect,
    ...(effect === 'answers' && { check: checkOf() }),
  });
export const checkOf = () => {
  const { tool, toolHash, principal } = callAsRequested();
  return { tool, toolHash, principal };
};
/** The same event, with a check that it has no business to ask for. */
export const asking = <Event extends { readonly data: object }>(event: Event): Event => ({
  ...event,
  data: { ...event.data, check: checkOf() },
});
export const revoked = (requestId: string) => CallRevoked({ requestId, step: 'pay', because: 'cancelled' });
export const confirmed = (requestId: string) =>
  ApprovalConfirmed({
    requestId,
    approvalId: 'p',
    callHash,
    votes: [voteOn(callHash)],
    requester: 'ada',
    grantId: 'g',
  });
export const unconfirmed = (requestId: string) =>
  ApprovalUnconfirmed({ requestId, approvalId: 'p', callHash, because: 'it is denied' });
export const completed = RunCompleted({ output: {}, success: true });
