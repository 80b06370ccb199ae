import { ApprovalRequested, ApprovalUnneeded, type Failure } from '@interlock/contracts';
import { callDeadline, callTimedOut } from '../call/deadline.js';
import type { Demand } from '../call/owner.js';
import { checkpoint } from '../call/performed.js';
import { askPerson } from '../call/recovery.js';
import { requestIdOf, revocationOf } from '../call/requests.js';
import type { DecisionDraft } from '../decision.draft.js';
import { approvalIdOf } from '../ids.js';
import type { ApprovalIndex, RequestIndex, StepIndex } from '../indices.js';
import { influenceMark } from '../influence.js';
import { fireCall } from '../life/timers.js';
import type { PeopleEvent, Received } from '../run.messages.js';
import { doubtedBy, isCurrent } from '../scope/called.js';
import { completeQuestion } from '../step/approval/start.js';
import { questionOf } from '../step/approval/work.js';
import { failStep } from '../step/fail.js';
import { failureOf as stepFailure } from '../step/steps.js';
import { approvalAt, findApproval, idOf } from './approvals.js';
import { shapersOf } from './shaping.js';
import type { Approval, ApprovalStatus } from './state.js';

/**
 * Asks people for a call whose request has just ended because policy requires them. A repetition of a call in doubt, or
 * the question to its verify tool, is asked for whatever becomes of the run.
 */
export function requestApproval(draft: DecisionDraft, request: RequestIndex, demand: Demand): undefined {
  const asked = draft.request(request);
  const { call } = asked;
  const { hash: callHash, doubt } = draft.call(call);
  const owner = draft.owner(call);
  if (doubt === undefined) {
    if (draft.isStopped(call)) return;
    const isLate = revocationOf(asked) === 'timeout' || draft.now >= callDeadline(draft, call);
    if (isLate) return owner.failed(draft, call, callTimedOut(draft, call));
  }
  const { step, tool, toolHash } = draft.called(call);
  const { arguments: args, occurrence, generation } = draft.call(call);
  const requestId = requestIdOf(draft.state, asked);
  draft.emit(
    ApprovalRequested({
      approvalId: approvalIdOf(draft.key, draft.state.seq + 1),
      step,
      subject: { kind: 'call', requestId, tool, toolHash, arguments: args, occurrence, generation },
      salt: draft.state.origin.salt,
      callHash,
      requirement: demand.approval,
      why: [...demand.policies],
      reason: demand.reason,
      ...influenceMark(draft.state, step),
      ...votersOf(draft, owner.step(draft.state, call)),
    }),
  );
}

/** Who asks, and who may not answer. @param step for which people are asked; undefined: for the whole run */
export function votersOf({ state }: DecisionDraft, step: StepIndex | undefined) {
  const { sub: requester, tenant } = state.origin.by;
  const shapedBy = shapersOf(state, step);
  return { requester, shapedBy, ...(tenant === undefined ? {} : { tenant }) };
}

/** Records what the approval service says, and what follows. What is known, settled or of another run says nothing new. */
export function onPeopleEvent(draft: DecisionDraft, message: Received<PeopleEvent>): undefined {
  const { topic, offset, key, meta, ...event } = message;
  const approval = findApproval(draft.state, event.data.approvalId);
  if (approval === undefined || !isNew(draft, approval, event)) return;
  const { openApprovals } = draft.state;
  const matters = openApprovals.includes(approval) && isWanted(draft, approval);
  draft.emit(event);
  if (matters) follow(draft, approval, event);
}

const SETTLED: ReadonlySet<ApprovalStatus> = new Set(['granted', 'void', 'denied', 'expired', 'withdrawn']);

function isNew({ state }: DecisionDraft, approval: ApprovalIndex, { type, data }: PeopleEvent): boolean {
  const { at, seq, reminded, escalated } = approvalAt(state, approval);
  // What was asked before the run ended is asked anew where it is still wanted; what people said meanwhile nobody has recorded.
  if (seq < (state.reopened ?? 0)) return false;
  if (type === 'approval.vote_refused') return !state.commands.includes(data.commandId);
  if (SETTLED.has(at.status)) return false;
  switch (type) {
    case 'approval.opened':
      return !('opened' in at);
    case 'approval.voted':
      return !state.commands.includes(data.commandId);
    case 'approval.reminded':
      return reminded !== true;
    case 'approval.escalated':
      return escalated !== true;
    default:
      return true;
  }
}

function follow(draft: DecisionDraft, approval: ApprovalIndex, event: PeopleEvent): undefined {
  if (event.type === 'approval.granted' && approvalAt(draft.state, approval).at.status === 'granted')
    return granted(draft, approval);
  const failure = failureOf(event);
  if (failure !== undefined) refuseApproval(draft, approval, failure);
}

/** A grant is a high-impact action, so a checkpoint is recorded. */
function granted(draft: DecisionDraft, approval: ApprovalIndex): undefined {
  const { subject } = approvalAt(draft.state, approval);
  checkpoint(draft);
  if (subject.kind === 'question') completeQuestion(draft, subject.step, approval);
  else fireCall(draft, subject.call);
}

/** The approval will not be granted: its step fails, and for a call in doubt a person is asked what happened. */
export function refuseApproval(draft: DecisionDraft, approval: ApprovalIndex, failure: Failure): undefined {
  const { subject } = approvalAt(draft.state, approval);
  if (subject.kind === 'question') return failStep(draft, subject.step, failure);
  const { call } = subject;
  if (draft.call(call).doubt !== undefined) askPerson(draft, call, failure);
  else draft.owner(call).failed(draft, call, failure);
}

/** @returns undefined for what settles nothing */
function failureOf(event: PeopleEvent): Failure | undefined {
  switch (event.type) {
    case 'approval.denied': {
      const { by, reason } = event.data;
      const message = `denied by ${by.sub}: ${reason}`.slice(0, 4_000);
      return { class: 'denied', code: 'approval.denied', message };
    }
    case 'approval.expired': {
      const kind = event.data.onExpiry === 'fallback' ? 'timeout' : 'denied';
      return { class: kind, code: 'approval.expired', message: 'not enough people answered in time' };
    }
    case 'approval.withdrawn': {
      const message = `withdrawn though it was still wanted: ${event.data.because}`.slice(0, 4_000);
      return { class: 'internal', code: 'approval.withdrawn', message };
    }
    case 'approval.granted': {
      const message = 'granted for another call, or by votes that do not meet what was required';
      return { class: 'internal', code: 'approval.void', message };
    }
    default:
      return undefined;
  }
}

/** The rest is withdrawn by the end of the run, or with its next decision. */
const EVENTS_SOFT_MAX = 150;

/** Marks every open approval that the run no longer needs. */
export function withdrawUnneeded(draft: DecisionDraft): undefined {
  for (const index of draft.state.openApprovals) {
    if (draft.events.length >= EVENTS_SOFT_MAX) return;
    const approval = approvalAt(draft.state, index);
    if (isWanted(draft, index)) continue;
    const approvalId = idOf(draft.state, approval);
    const step = stepOf(draft, approval);
    const because = reasonOf(draft, index, approval);
    draft.emit(ApprovalUnneeded({ approvalId, step: draft.definition(step).id, because }));
  }
}

const stepOf = (draft: DecisionDraft, { subject }: Approval): StepIndex =>
  subject.kind === 'question' ? subject.step : draft.stepOf(subject.call);

/** Whether its step waits for it. One that is not needed may still be open until a decision has room to say so. */
function isWanted(draft: DecisionDraft, index: ApprovalIndex): boolean {
  const { subject } = approvalAt(draft.state, index);
  if (!isLatest(draft, index, subject)) return false;
  if (subject.kind === 'question')
    return draft.step(subject.step).at.status === 'waiting' && !draft.isEndingAt(subject.step);
  const { at, doubt } = draft.call(subject.call);
  if (at.phase !== 'approval' || !isCurrent(draft.state, subject.call)) return false;
  return doubt !== undefined || !draft.isStopped(subject.call);
}

/** Whether it is what its call or step asked last. */
function isLatest(draft: DecisionDraft, index: ApprovalIndex, subject: Approval['subject']): boolean {
  if (subject.kind === 'question') {
    const { work } = draft.step(subject.step);
    return questionOf(work) === index;
  }
  const { approval, at } = draft.call(subject.call);
  return approval === index && at.phase !== 'dropped';
}

function reasonOf(draft: DecisionDraft, index: ApprovalIndex, approval: Approval) {
  const step = draft.step(stepOf(draft, approval));
  const failure = isOfStep(draft, approval) ? stepFailure(step) : undefined;
  if (failure?.class === 'timeout' || failure?.class === 'budget_exceeded') return 'timeout';
  if (draft.state.cancelling !== null) return 'cancelled';
  if (failure !== undefined || draft.isEndingAt(stepOf(draft, approval))) return 'failed';
  if (step.at.status === 'skipped') return 'skipped';
  return isLatest(draft, index, approval.subject) ? 'answered' : 'changed';
}

/** Whether its outcome is also the outcome of the step. */
function isOfStep(draft: DecisionDraft, { subject }: Approval): boolean {
  if (subject.kind === 'question') return true;
  return draft.call(doubtedBy(draft.state, subject.call)).owner.kind === 'step';
}
