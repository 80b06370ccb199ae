import { ApprovalRequested, ApprovalUnneeded, type Failure } from '@interlock/contracts';
import type { CompiledToolStep } from '@interlock/language';
import { deadlineOf, timedOut } from '../call/deadline.js';
import type { Demand } from '../call/owner.js';
import { checkpoint, verifier } from '../call/performed.js';
import { askPerson } from '../call/recovery.js';
import { verificationOf } from '../call/request.js';
import type { DecisionDraft } from '../decision.draft.js';
import { approvalAt, approvalIdOf, findApproval, requestAt } from '../edit.js';
import type { ApprovalIndex, RequestIndex, StepIndex } from '../indices.js';
import { influenceMark } from '../influence.js';
import { fireStep } from '../life/timers.js';
import { ownerAt } from '../owners.js';
import type { PeopleEvent, Received } from '../run.messages.js';
import type { Approval } from '../state.js';
import { completeQuestion } from '../step/approval/start.js';
import { shapersOf } from './shaping.js';

/**
 * Asks people for a call whose request has just ended because policy requires them. A repetition of a call in doubt, or
 * the question to its verify tool, is asked for whatever becomes of the run.
 */
export function requestApproval(draft: DecisionDraft, ordinal: RequestIndex, demand: Demand): undefined {
  const { step: place, revoked, hash: callHash } = requestAt(draft.state, ordinal);
  if (draft.step(place).call!.doubt === undefined) {
    if (draft.isStopped(place)) return;
    const isLate = revoked === 'timeout' || draft.now >= deadlineOf(draft, place);
    if (isLate) return draft.owner(place).failed(draft, place, timedOut(draft, place));
  }
  const step = draft.definition(place).id;
  draft.emit(
    ApprovalRequested({
      approvalId: `${draft.key}.${draft.state.seq + 1}`,
      step,
      subject: subjectOf(draft, ordinal),
      salt: draft.state.origin.salt,
      callHash,
      requirement: demand.approval,
      why: [...demand.policies],
      reason: demand.reason,
      ...influenceMark(draft.state, step),
      ...votersOf(draft, place),
    }),
  );
}

/** Who asks, and who may not answer. */
export function votersOf(draft: DecisionDraft, place: StepIndex) {
  const { sub: requester, tenant } = draft.state.origin.by;
  const shapedBy = shapersOf(draft.state, place, ownerAt);
  return { requester, shapedBy, ...(tenant === undefined ? {} : { tenant }) };
}

function subjectOf(draft: DecisionDraft, ordinal: RequestIndex) {
  const { seq, step: place, purpose } = requestAt(draft.state, ordinal);
  const definition = draft.definition(place) as CompiledToolStep;
  const { call } = draft.step(place);
  const about = { kind: 'call', requestId: `${draft.key}/${seq}` } as const;
  if (purpose === 'verify') return { ...about, ...verifier(definition), ...verificationOf(call!) };
  const { tool, toolHash } = definition;
  const { arguments: args, generation } = call!;
  const occurrence = draft.owner(place).occurrence(draft.state, place);
  return { ...about, tool, toolHash, arguments: args, occurrence, generation };
}

/** Records what the approval service says, and what follows. What is known, settled or of another run says nothing new. */
export function onPeopleEvent(draft: DecisionDraft, message: Received<PeopleEvent>): undefined {
  const { topic, offset, key, meta, ...event } = message;
  const ordinal = findApproval(draft.state, event.data.approvalId);
  if (ordinal === undefined || !isNew(draft, ordinal, event)) return;
  const { openApprovals } = draft.state;
  const matters = openApprovals.includes(ordinal) && isWanted(draft, ordinal);
  draft.emit(event);
  if (matters) follow(draft, ordinal, event);
}

const SETTLED: ReadonlySet<Approval['status']> = new Set([
  'granted',
  'void',
  'denied',
  'expired',
  'withdrawn',
]);

function isNew({ state }: DecisionDraft, ordinal: ApprovalIndex, { type, data }: PeopleEvent): boolean {
  const { status, openedAt, reminded, escalated } = approvalAt(state, ordinal);
  if (type === 'approval.vote_refused') return !state.commands.includes(data.commandId);
  if (SETTLED.has(status)) return false;
  switch (type) {
    case 'approval.opened':
      return openedAt === undefined;
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

function follow(draft: DecisionDraft, ordinal: ApprovalIndex, event: PeopleEvent): undefined {
  if (event.type === 'approval.granted' && approvalAt(draft.state, ordinal).status === 'granted')
    return granted(draft, ordinal);
  const failure = failureOf(event);
  if (failure !== undefined) refuseApproval(draft, ordinal, failure);
}

/** A high-impact action: it leaves a checkpoint of record. */
function granted(draft: DecisionDraft, ordinal: ApprovalIndex): undefined {
  const { step: place, purpose } = approvalAt(draft.state, ordinal);
  checkpoint(draft);
  if (purpose === 'question') completeQuestion(draft, place, ordinal);
  else fireStep(draft, place);
}

/** Nobody will grant it: its step fails, and of a call in doubt a person is asked what has become. */
export function refuseApproval(draft: DecisionDraft, ordinal: ApprovalIndex, failure: Failure): undefined {
  const { step: place } = approvalAt(draft.state, ordinal);
  if (draft.step(place).call?.doubt !== undefined) askPerson(draft, place, failure);
  else draft.owner(place).failed(draft, place, failure);
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

/** Says of everything people are still asked whether the run has gone on without it. */
export function withdrawUnneeded(draft: DecisionDraft): undefined {
  for (const ordinal of draft.state.openApprovals) {
    if (draft.events.length >= EVENTS_SOFT_MAX) return;
    const approval = approvalAt(draft.state, ordinal);
    if (isWanted(draft, ordinal)) continue;
    const approvalId = approvalIdOf(draft.state, approval);
    const step = draft.definition(approval.step).id;
    const because = reasonOf(draft, ordinal, approval);
    draft.emit(ApprovalUnneeded({ approvalId, step, because }));
  }
}

const askedBy = (draft: DecisionDraft, { step: place, purpose }: Approval): ApprovalIndex | undefined => {
  const { question, call, verify } = draft.step(place);
  if (purpose === 'question') return question;
  return purpose === 'verify' ? verify?.approval : call?.approval;
};

/** Whether its step waits for it. One that does not may still be open: saying so takes a decision that has room. */
function isWanted(draft: DecisionDraft, ordinal: ApprovalIndex): boolean {
  const approval = approvalAt(draft.state, ordinal);
  const { status, call } = draft.step(approval.step);
  if (askedBy(draft, approval) !== ordinal) return false;
  if (approval.purpose === 'question') return status === 'waiting' && !draft.isEnding;
  if (status !== 'running' || call?.phase !== 'approval') return false;
  return call.doubt !== undefined || !draft.isStopped(approval.step);
}

function reasonOf(draft: DecisionDraft, ordinal: ApprovalIndex, approval: Approval) {
  const { status, failure } = draft.step(approval.step);
  if (failure?.class === 'timeout' || failure?.class === 'budget_exceeded') return 'timeout';
  if (draft.state.cancelling !== null) return 'cancelled';
  if (draft.state.failed !== null || failure !== undefined) return 'failed';
  if (status === 'skipped') return 'skipped';
  return askedBy(draft, approval) === ordinal ? 'answered' : 'changed';
}
