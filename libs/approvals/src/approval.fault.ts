import { type Decision, type Fault, nothing } from '@interlock/actors';
import {
  ApprovalsClosed,
  ApprovalUnconfirmed,
  ApprovalVoteRefused,
  ApprovalWithdrawn,
} from '@interlock/contracts';
import type { ApprovalInput, Received } from './approval.messages.js';
import { type ApprovalFact, type ApprovalState, approvalOf, openOf } from './approval.state.js';

/** If a message could not be decided on, nothing is granted: a request is withdrawn, a vote is refused, a call request is not confirmed. */
export function answerFault(
  { code }: Fault,
  input: ApprovalInput,
  state: ApprovalState | undefined,
  runId: string,
): Decision<ApprovalFact> {
  const because = `the approval service could not decide on it (${code})`;
  switch (input.kind) {
    case 'message':
      return answerMessage(input.message, state, because);
    case 'due':
    case 'recovered':
      return { events: withdrawAll(state, because) };
    case 'poison':
      return input.type.startsWith('approval.requested/')
        ? { events: [ApprovalWithdrawn({ approvalId: `${runId}.${input.meta.seq}`, because })] }
        : nothing;
    case 'result':
      return nothing;
  }
}

function answerMessage(
  message: Received,
  state: ApprovalState | undefined,
  because: string,
): Decision<ApprovalFact> {
  const events = answersTo(message, state, because);
  const ref = message.type === 'approval.vote' ? {} : { ref: message.offset };
  return { events: events.map((event) => ({ ...event, ...ref })) };
}

function answersTo(
  { type, data, meta }: Received,
  state: ApprovalState | undefined,
  because: string,
): ApprovalFact[] {
  switch (type) {
    case 'approval.requested': {
      const { approvalId } = data;
      return [ApprovalWithdrawn({ approvalId, because })];
    }
    case 'approval.unneeded': {
      const { approvalId } = data;
      const isOpen = openOf(state).some(([open]) => open === approvalId);
      return isOpen ? [ApprovalWithdrawn({ approvalId, because })] : [];
    }
    case 'approval.vote': {
      const { approvalId, commandId, by, vote, callHash } = data;
      const answered = approvalOf(state, approvalId)?.commands.includes(commandId) ?? true;
      if (answered) return [];
      const refused = { approvalId, commandId, by, vote, callHash };
      return [ApprovalVoteRefused({ ...refused, code: 'not_decided', message: because })];
    }
    case 'call.requested': {
      const { approvalId, callHash } = data;
      return approvalId === undefined
        ? []
        : [ApprovalUnconfirmed({ requestId: meta.id, approvalId, callHash, because })];
    }
    case 'run.completed':
    case 'run.failed':
    case 'run.cancelled':
    case 'run.rolled_back':
    case 'run.escalated':
      return [...withdrawAll(state, because), ApprovalsClosed({ because: type })];
  }
}

const withdrawAll = (state: ApprovalState | undefined, because: string): ApprovalFact[] =>
  openOf(state).map(([approvalId]) => ApprovalWithdrawn({ approvalId, because }));
