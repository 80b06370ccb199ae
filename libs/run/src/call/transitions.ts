import type { RunEvent } from '@interlock/contracts';
import type { CallPhase, RunState } from '../state.js';
import { getItem, indicesOf } from '../tree.js';

/** `none`: no request yet, or the request was taken back and will be made anew. */
export type Phase = CallPhase | 'none';

/** One step of a call's machine: what it was in, what it heard, and what it is in then. */
export interface Transition {
  readonly from: Phase;
  readonly input: string;
  readonly to: Phase;
}

/**
 * The machine of a call: in which phase it may hear what, and which phases that may lead to. What is not named does not happen, and an
 * event that is not named for a phase leaves the call as it is.
 */
export const callTransitions: Readonly<Record<Phase, Readonly<Record<string, readonly Phase[]>>>> = {
  none: { requested: ['requested'] },
  // Its request is open: the executor answers, or policy.
  requested: {
    'recorded: succeeded': ['over'],
    'recorded: failed': ['idle', 'over'],
    'recorded: refused': ['idle', 'none', 'over'],
    // Over also where an earlier attempt has turned out to have happened meanwhile.
    'recorded: unknown': ['idle', 'over'],
    judged: ['idle', 'none', 'over'],
    checked: ['none'],
  },
  // Between two events of one decision: an attempt has ended, and what follows is said next.
  idle: {
    'approval.requested': ['approval'],
    'step.retry_scheduled': ['retry'],
    'step.stopped': ['retry'],
    'recovery by idempotency-key': ['retry'],
    'recovery by verify': ['settling'],
    'recovery by ask-human': ['asking'],
    'resolved: did not happen': ['retry'],
    'step.parked': ['person'],
  },
  // Made again at its time.
  retry: {
    requested: ['requested'],
    'late: happened': ['over'],
    'recovery by ask-human': ['asking'],
    checked: ['none'],
    'step.fell_back': ['idle'],
    'step.parked': ['person'],
  },
  // People are asked whether it may be made.
  approval: {
    'approval.granted': ['retry', 'settling'],
    'late: happened': ['over'],
    'late: failed': ['retry'],
    'recovery by ask-human': ['asking'],
    checked: ['none'],
    'step.fell_back': ['idle'],
    'step.parked': ['person'],
  },
  // In doubt, and the attempt may still reach its target: then the verify tool is asked.
  settling: {
    'verification requested': ['verifying'],
    'late: happened': ['over'],
    'late: failed': ['retry'],
    'step.parked': ['person'],
  },
  // The same, and then a person is asked.
  asking: {
    'late: happened': ['over'],
    'late: failed': ['retry'],
    'step.parked': ['person'],
  },
  verifying: {
    'resolved: happened': ['over'],
    'resolved: did not happen': ['retry'],
    'late: happened': ['over'],
    'late: failed': ['retry'],
    'approval.requested': ['approval'],
    'step.retry_scheduled': ['settling'],
    'step.stopped': ['settling'],
    'step.parked': ['person'],
  },
  // A person decides.
  person: {
    'step.resumed': ['idle', 'none'],
    'step.skipped': ['over'],
    'late: happened': ['over'],
    'late: failed': ['retry'],
  },
  over: { 'step.parked': ['person'] },
};

export const isNamed = ({ from, input, to }: Transition): boolean =>
  callTransitions[from][input]?.includes(to) === true;

/** What an event is to a call that it changes. */
export function inputOf({ type, data }: RunEvent): string {
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

/** Every change of phase that an event has brought about, in all calls of the run. */
export function transitionsIn(
  before: RunState | undefined,
  event: RunEvent,
  after: RunState | undefined,
): Transition[] {
  if (after === undefined || after.end !== null) return [];
  return indicesOf(after.steps).flatMap((place) => {
    const from = (before && getItem(before.steps, place)?.call?.phase) ?? 'none';
    const to = getItem(after.steps, place)?.call?.phase ?? 'none';
    return from === to ? [] : [{ from, input: inputOf(event), to }];
  });
}
