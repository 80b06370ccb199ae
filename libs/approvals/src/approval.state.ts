import type { RecordedEvent } from '@interlock/actors';
import type {
  ApprovalEvent,
  ApprovalOpened,
  ApprovalRequirement,
  ApprovalsClosed,
  CastVoteRecord,
  MessageOf,
} from '@interlock/contracts';

/** What is known of one request. What people are shown lies in the log alone. */
export interface Approval {
  readonly status: 'open' | 'granted' | 'denied' | 'expired' | 'withdrawn';
  readonly callHash: string;
  readonly requirement: ApprovalRequirement;
  readonly requester: string;
  readonly shapedBy: readonly string[];
  readonly tenant?: string;
  /** UTC ms; absent: nobody is reminded (again). */
  readonly remindAt?: number;
  /** UTC ms; absent: there is no next group, or it may vote already. */
  readonly escalateAt?: number;
  readonly isEscalated: boolean;
  /** UTC ms */
  readonly expiresAt: number;
  /** Those that count. */
  readonly votes: readonly CastVoteRecord[];
  /** Commands dealt with, the latest last: a repeat is ignored. */
  readonly commands: readonly string[];
}

/** The approvals of one run by their ids, from the first request to the end of the run. */
export interface ApprovalState {
  readonly approvals: Readonly<Record<string, Approval>>;
}

/** Commands remembered for one request. If somebody sends more votes than this, a repeat of the earliest ones is refused again. */
const COMMANDS_MAX = 100;

type Opened = MessageOf<typeof ApprovalOpened>['data'];

/** What its log holds. */
export type ApprovalFact = ApprovalEvent | MessageOf<typeof ApprovalsClosed>;

export function evolve(
  state: ApprovalState | undefined,
  event: RecordedEvent<ApprovalFact>,
): ApprovalState | undefined {
  if (event.type === 'approvals.closed') return undefined;
  const { approvalId } = event.data;
  const approval = event.type === 'approval.opened' ? opened(event.data) : approvalOf(state, approvalId);
  if (approval === undefined) return state;
  return { approvals: { ...state?.approvals, [approvalId]: after(approval, event, event.time) } };
}

/** The request once `event` about it has happened. */
export function after(approval: Approval, { type, data }: ApprovalEvent, time: number): Approval {
  switch (type) {
    case 'approval.voted': {
      const { by, vote, callHash, reason, commandId } = data;
      const votes = [...approval.votes, { by, vote, callHash, reason, at: time }];
      return { ...approval, votes, commands: remembered(approval, commandId) };
    }
    case 'approval.vote_refused':
      return { ...approval, commands: remembered(approval, data.commandId) };
    case 'approval.reminded':
      return { ...approval, remindAt: undefined };
    case 'approval.escalated':
      return { ...approval, escalateAt: undefined, isEscalated: true };
    case 'approval.granted':
      return { ...approval, status: 'granted', votes: data.votes };
    case 'approval.denied':
      return { ...approval, status: 'denied' };
    case 'approval.expired':
      return { ...approval, status: 'expired' };
    case 'approval.withdrawn':
      return { ...approval, status: 'withdrawn' };
    default:
      return approval;
  }
}

function opened(data: Opened): Approval {
  const { callHash, requirement, requester, shapedBy, tenant, remindAt, escalateAt, expiresAt } = data;
  const timers = { remindAt, escalateAt, expiresAt };
  const nothingYet = { isEscalated: false, votes: [], commands: [] };
  return { status: 'open', callHash, requirement, requester, shapedBy, tenant, ...timers, ...nothingYet };
}

const remembered = ({ commands }: Approval, commandId: string): string[] =>
  [...commands, commandId].slice(-COMMANDS_MAX);

export const openOf = (state: ApprovalState | undefined): [string, Approval][] =>
  Object.entries(state?.approvals ?? {}).filter(([, { status }]) => status === 'open');

/** An id comes from outside, so it may be the name of anything. */
export const approvalOf = (state: ApprovalState | undefined, approvalId: string): Approval | undefined =>
  state !== undefined && Object.hasOwn(state.approvals, approvalId) ? state.approvals[approvalId] : undefined;
