import {
  ApprovalConfirmed,
  ApprovalUnconfirmed,
  CallRecorded,
  CallRevoked,
  CheckRequested,
  LateOutcomeRecorded,
  RunCompleted,
} from '@interlock/contracts';
import { callAsRequested, voteOn } from './check.fixture.js';

const { callHash } = callAsRequested();

export const succeeded = (requestId: string, output: unknown = { refundId: 'r1' }) =>
  CallRecorded({
    requestId,
    step: 'pay',
    callHash,
    outcome: { kind: 'succeeded', output },
  });
export const failed = (requestId: string) =>
  CallRecorded({
    requestId,
    step: 'pay',
    callHash,
    outcome: { kind: 'failed', failure: { class: 'transient', code: 'x', message: 'x' } },
  });
export const late = (requestId: string, effect: 'answers' | 'agrees') =>
  LateOutcomeRecorded({
    requestId,
    step: 'pay',
    callHash,
    outcome: { ok: true, output: { refundId: 'r1' } },
    effect,
  });
export const check = (requestId: string) => {
  const { step, tool, toolHash, principal } = callAsRequested();
  return CheckRequested({ requestId, step, callHash, tool, toolHash, principal });
};
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
