import {
  ApprovalConfirmed,
  ApprovalUnconfirmed,
  CallDisarmed,
  CallRecorded,
  CheckRequested,
  LateOutcomeRecorded,
  RunCompleted,
} from '@interlock/contracts';
import { armedCall, voteOn } from './check.fixture.js';

const { callHash } = armedCall();

export const succeeded = (armId: string, output: unknown = { refundId: 'r1' }) =>
  CallRecorded({
    armId,
    step: 'pay',
    callHash,
    outcome: { kind: 'succeeded', output },
  });
export const failed = (armId: string) =>
  CallRecorded({
    armId,
    step: 'pay',
    callHash,
    outcome: { kind: 'failed', failure: { class: 'transient', code: 'x', message: 'x' } },
  });
export const late = (armId: string, effect: 'answers' | 'agrees') =>
  LateOutcomeRecorded({
    armId,
    step: 'pay',
    callHash,
    outcome: { ok: true, output: { refundId: 'r1' } },
    effect,
  });
export const check = (armId: string) => {
  const { step, tool, toolHash, principal } = armedCall();
  return CheckRequested({ armId, step, callHash, tool, toolHash, principal });
};
export const disarmed = (armId: string) => CallDisarmed({ armId, step: 'pay', because: 'cancelled' });
export const confirmed = (armId: string) =>
  ApprovalConfirmed({
    armId,
    approvalId: 'p',
    callHash,
    votes: [voteOn(callHash)],
    requester: 'ada',
    grantId: 'g',
  });
export const unconfirmed = (armId: string) =>
  ApprovalUnconfirmed({ armId, approvalId: 'p', callHash, because: 'it is denied' });
export const completed = RunCompleted({ output: {}, success: true });
