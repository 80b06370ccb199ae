import {
  type Decision,
  type Fault,
  type Input,
  type NewEvent,
  nothing,
  type TopicMessage,
} from '@interlock/actors';
import {
  type ApprovalRequested,
  ApprovalsClosed,
  ApprovalUnconfirmed,
  ApprovalVoteRefused,
  ApprovalWithdrawn,
  type CallArmed,
  type CastVote,
  type MessageOf,
  terminalEventTypes,
} from '@interlock/contracts';
import { type ApprovalState, approvalOf, openOf } from './approval.state.js';

/** What could not be decided grants nothing: what is asked is withdrawn, a vote is refused, an arming is not confirmed. */
export function answerFault(
  { code }: Fault,
  input: Input,
  state: ApprovalState | undefined,
  runId: string,
): Decision {
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

function answerMessage(message: TopicMessage, state: ApprovalState | undefined, because: string): Decision {
  const events = answersTo(message, state, because);
  const ref = message.type === 'approval.vote' ? {} : { ref: message.offset };
  return { events: events.map((event) => ({ ...event, ...ref })) };
}

function answersTo(
  { type, data, meta }: TopicMessage,
  state: ApprovalState | undefined,
  because: string,
): NewEvent[] {
  switch (type) {
    case 'approval.requested': {
      const { approvalId } = data as MessageOf<typeof ApprovalRequested>['data'];
      return [ApprovalWithdrawn({ approvalId, because })];
    }
    case 'approval.unneeded': {
      const { approvalId } = data as { approvalId: string };
      const isOpen = openOf(state).some(([open]) => open === approvalId);
      return isOpen ? [ApprovalWithdrawn({ approvalId, because })] : [];
    }
    case 'approval.vote': {
      const { approvalId, commandId, by, vote, callHash } = data as MessageOf<typeof CastVote>['data'];
      const answered = approvalOf(state, approvalId)?.commands.includes(commandId) ?? true;
      if (answered) return [];
      const refused = { approvalId, commandId, by, vote, callHash };
      return [ApprovalVoteRefused({ ...refused, code: 'not_decided', message: because })];
    }
    case 'call.armed': {
      const { approvalId, callHash } = data as MessageOf<typeof CallArmed>['data'];
      return approvalId === undefined
        ? []
        : [ApprovalUnconfirmed({ armId: meta.id, approvalId, callHash, because })];
    }
    default:
      return terminalEventTypes.has(type)
        ? [...withdrawAll(state, because), ApprovalsClosed({ because: type })]
        : [];
  }
}

const withdrawAll = (state: ApprovalState | undefined, because: string): NewEvent[] =>
  openOf(state).map(([approvalId]) => ApprovalWithdrawn({ approvalId, because }));
