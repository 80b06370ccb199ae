/*
 * A1  Granted exactly when votes of enough different people who may vote have come, and nothing had settled it before.
 * A2  Settled once: granted, denied, expired or withdrawn, and never anything else after that.
 * A3  Every request that names an approval is answered once: confirmed for exactly the call that people granted, or not.
 * A4  Nothing falls due early, and no vote cast in time loses to a timer.
 */
import { type Actor, type Decision, nothing } from '@interlock/actors';
import {
  ApprovalRequested,
  ApprovalUnneeded,
  ApprovalWithdrawn,
  approvalCommands,
  CallRequested,
  CastVote,
  runEvents,
  terminalEvents,
  typesOf,
} from '@interlock/contracts';
import { confirm } from './approval.confirm.js';
import { answerFault } from './approval.fault.js';
import type { ApprovalInput, ApprovalMessage, Received } from './approval.messages.js';
import { open } from './approval.open.js';
import { type ApprovalFact, type ApprovalState, evolve, openOf } from './approval.state.js';
import { allFallenDue, nextDue } from './approval.timers.js';
import { vote } from './approval.vote.js';
import { close, withdraw } from './approval.withdraw.js';

/** The approvals of one run, from its first request to its end. A run that asks nobody has no state. */
export const approvalActor: Actor<ApprovalState, ApprovalMessage, ApprovalFact> = {
  name: 'approval',
  inputs: {
    [runEvents.name]: typesOf(ApprovalRequested, ApprovalUnneeded, CallRequested, ...terminalEvents),
    [approvalCommands.name]: typesOf(CastVote),
  },
  prefilter: (type, value) => type !== 'call.requested' || namesApproval(value),
  key: ({ type, data, meta }) => {
    if (type === 'approval.vote') return data.runId;
    return type === 'call.requested' && data.approvalId === undefined ? undefined : meta.run;
  },
  decide: (input, state, { now }, runId) => decide(input, state, now, runId),
  answerFault: (fault, input, state, _context, runId) => answerFault(fault, input, state, runId),
  evolve,
  due: nextDue,
  isOver: (state) => openOf(state).length === 0,
};

function decide(
  input: ApprovalInput,
  state: ApprovalState | undefined,
  now: number,
  runId: string,
): Decision<ApprovalFact> {
  switch (input.kind) {
    case 'message':
      return take(input.message, state, now, runId);
    case 'due':
      return { events: allFallenDue(state, now) };
    case 'poison':
      return input.type.startsWith('approval.requested/') ? withdrawBroken(input) : nothing;
    default:
      return nothing;
  }
}

function take(
  message: Received,
  state: ApprovalState | undefined,
  now: number,
  runId: string,
): Decision<ApprovalFact> {
  switch (message.type) {
    case 'approval.requested':
      return open(state, message, runId, now);
    case 'approval.vote':
      return vote(state, message.data, now);
    case 'approval.unneeded':
      return withdraw(state, message);
    case 'call.requested':
      return { events: confirm(state, message, runId) };
    default:
      return close(state, message);
  }
}

/** A request nobody can read must not keep the run waiting: its id follows from its place in the run. */
function withdrawBroken({
  meta,
  problem,
}: Extract<ApprovalInput, { kind: 'poison' }>): Decision<ApprovalFact> {
  const because = `the request breaks its contract: ${problem}`;
  return { events: [ApprovalWithdrawn({ approvalId: `${meta.run}.${meta.seq}`, because })] };
}

const APPROVAL_FIELD = Buffer.from('"approvalId"');

/** Few call requests name an approval; searching the raw bytes avoids parsing the rest. */
const namesApproval = ({ buffer, byteOffset, byteLength }: Uint8Array): boolean =>
  Buffer.from(buffer, byteOffset, byteLength).includes(APPROVAL_FIELD);
