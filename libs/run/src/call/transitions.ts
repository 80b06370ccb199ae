import type { RunEvent } from '@interlock/contracts';
import type { Machine, Table } from '../machine.js';
import { getItem, indicesOf } from '../tree.js';
import type { CallPhase } from './state.js';

/** `none`: before its first request. */
export type Phase = CallPhase['phase'] | 'none';

/**
 * A call of a step, an agent, a compensation or a verification.
 */
const table: Table<Phase> = {
  none: { requested: ['requested'] },
  // Its request is open: the executor answers, or policy.
  requested: {
    'recorded: succeeded': ['happened'],
    'recorded: failed': ['idle', 'happened'],
    'recorded: refused': ['idle', 'dropped', 'happened'],
    // Happened also where an earlier attempt has turned out to have done it meanwhile.
    'recorded: unknown': ['idle', 'happened'],
    judged: ['idle', 'dropped', 'happened'],
    checked: ['dropped'],
    // It is a repetition of what has turned out to have happened.
    'step.fell_back': ['happened'],
    'step.parked': ['happened'],
  },
  // Between two events of one decision: an attempt has ended, and what follows is said next.
  idle: {
    'approval.requested': ['approval'],
    'step.retry_scheduled': ['retry'],
    'step.stopped': ['stopped'],
    'recovery by idempotency-key': ['retry'],
    'recovery by verify': ['settling'],
    'recovery by ask-human': ['asking'],
    'resolved: did not happen': ['retry'],
    'step.parked': ['person'],
  },
  // Made again at its time.
  retry: {
    requested: ['requested'],
    'late: happened': ['happened'],
    'recovery by ask-human': ['asking'],
    checked: ['dropped'],
    'step.fell_back': ['idle'],
    'step.parked': ['person'],
  },
  // Made again once the stop is lifted.
  stopped: {
    requested: ['requested'],
    'late: happened': ['happened'],
    checked: ['dropped'],
    'step.fell_back': ['idle'],
    'step.parked': ['person'],
  },
  // People are asked whether it may be made.
  approval: {
    'approval.granted': ['retry'],
    'late: happened': ['happened'],
    'recovery by ask-human': ['asking'],
    checked: ['dropped'],
    'step.fell_back': ['idle'],
    'step.parked': ['person'],
  },
  // In doubt, and the attempt may still reach its target: then the verify tool is asked.
  settling: {
    'verification requested': ['verifying'],
    'late: happened': ['happened'],
    'late: failed': ['retry'],
    'step.parked': ['person'],
  },
  // The same, and then a person is asked.
  asking: {
    'late: happened': ['happened'],
    'late: failed': ['retry'],
    'step.parked': ['person'],
  },
  // In doubt, and a call of its own asks what has become of it.
  verifying: {
    'resolved: happened': ['happened'],
    'resolved: did not happen': ['retry'],
    'late: happened': ['happened'],
    'late: failed': ['retry'],
    'step.parked': ['person'],
  },
  // A person decides.
  person: {
    'step.resumed': ['idle', 'retry', 'dropped'],
    'step.skipped': ['abandoned'],
    'step.resolved': ['happened', 'retry'],
    'late: happened': ['happened'],
    'late: failed': ['retry'],
  },
  happened: {},
  abandoned: {},
  dropped: {},
};

/** What an event is to a call that it changes. */
function inputOf({ type, data }: RunEvent): string {
  switch (type) {
    case 'call.requested':
      return data.purpose === 'verify' ? 'verification requested' : 'requested';
    case 'call.recorded':
      return `recorded: ${data.outcome.kind}`;
    case 'call.late_recorded':
      return data.outcome.ok ? 'late: happened' : 'late: failed';
    case 'call.recovery_started':
      return `recovery by ${data.by}`;
    case 'call.doubt_resolved':
      return data.happened ? 'resolved: happened' : 'resolved: did not happen';
    case 'verdict.recorded':
      return data.point === 'before' ? 'judged' : 'checked';
    default:
      return type;
  }
}

export const callMachine: Machine<Phase> = {
  table,
  before: 'none',
  phases: ({ calls }) => indicesOf(calls).map((call) => getItem(calls, call)?.at.phase),
  // The first request of a verification concerns two calls.
  input: (event, to) => (to === 'requested' ? 'requested' : inputOf(event)),
};
