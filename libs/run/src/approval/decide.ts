import { ApprovalRequested, ApprovalUnneeded, type Failure } from '@interlock/contracts';
import type { CompiledToolStep } from '@interlock/language';
import { deadlineOf, timedOut } from '../call/deadline.js';
import type { Demand } from '../call/owner.js';
import { checkpoint, verifier } from '../call/performed.js';
import { askPerson } from '../call/recovery.js';
import { verificationOf } from '../call/request.js';
import { approvalAt, approvalIdOf, findApproval, requestAt } from '../edit.js';
import type { Emitter } from '../emitter.js';
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
export function requestApproval(emitter: Emitter, ordinal: RequestIndex, demand: Demand): undefined {
  const { step: place, revoked, hash: callHash } = requestAt(emitter.state, ordinal);
  if (emitter.step(place).call!.doubt === undefined) {
    if (emitter.isStopped(place)) return;
    const isLate = revoked === 'timeout' || emitter.now >= deadlineOf(emitter, place);
    if (isLate) return emitter.owner(place).failed(emitter, place, timedOut(emitter, place));
  }
  const step = emitter.definition(place).id;
  emitter.emit(
    ApprovalRequested({
      approvalId: `${emitter.key}.${emitter.state.seq + 1}`,
      step,
      subject: subjectOf(emitter, ordinal),
      salt: emitter.state.origin.salt,
      callHash,
      requirement: demand.approval,
      why: [...demand.policies],
      reason: demand.reason,
      ...influenceMark(emitter.state, step),
      ...votersOf(emitter, place),
    }),
  );
}

/** Who asks, and who may not answer. */
export function votersOf(emitter: Emitter, place: StepIndex) {
  const { sub: requester, tenant } = emitter.state.origin.by;
  const shapedBy = shapersOf(emitter.state, place, ownerAt);
  return { requester, shapedBy, ...(tenant === undefined ? {} : { tenant }) };
}

function subjectOf(emitter: Emitter, ordinal: RequestIndex) {
  const { seq, step: place, purpose } = requestAt(emitter.state, ordinal);
  const definition = emitter.definition(place) as CompiledToolStep;
  const { call } = emitter.step(place);
  const about = { kind: 'call', requestId: `${emitter.key}/${seq}` } as const;
  if (purpose === 'verify') return { ...about, ...verifier(definition), ...verificationOf(call!) };
  const { tool, toolHash } = definition;
  const { arguments: args, generation } = call!;
  const occurrence = emitter.owner(place).occurrence(emitter.state, place);
  return { ...about, tool, toolHash, arguments: args, occurrence, generation };
}

/** Records what the approval service says, and what follows. What is known, settled or of another run says nothing new. */
export function takeApproval(emitter: Emitter, message: Received<PeopleEvent>): undefined {
  const { topic, offset, key, meta, ...event } = message;
  const ordinal = findApproval(emitter.state, event.data.approvalId);
  if (ordinal === undefined || !isNew(emitter, ordinal, event)) return;
  const { openApprovals } = emitter.state;
  const matters = openApprovals.includes(ordinal) && isWanted(emitter, ordinal);
  emitter.emit(event);
  if (matters) follow(emitter, ordinal, event);
}

const SETTLED: ReadonlySet<Approval['status']> = new Set([
  'granted',
  'void',
  'denied',
  'expired',
  'withdrawn',
]);

function isNew({ state }: Emitter, ordinal: ApprovalIndex, { type, data }: PeopleEvent): boolean {
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

function follow(emitter: Emitter, ordinal: ApprovalIndex, event: PeopleEvent): undefined {
  if (event.type === 'approval.granted' && approvalAt(emitter.state, ordinal).status === 'granted')
    return granted(emitter, ordinal);
  const failure = failureOf(event);
  if (failure !== undefined) refuseApproval(emitter, ordinal, failure);
}

/** A high-impact action: it leaves a checkpoint of record. */
function granted(emitter: Emitter, ordinal: ApprovalIndex): undefined {
  const { step: place, purpose } = approvalAt(emitter.state, ordinal);
  checkpoint(emitter);
  if (purpose === 'question') completeQuestion(emitter, place, ordinal);
  else fireStep(emitter, place);
}

/** Nobody will grant it: its step fails, and of a call in doubt a person is asked what has become. */
export function refuseApproval(emitter: Emitter, ordinal: ApprovalIndex, failure: Failure): undefined {
  const { step: place } = approvalAt(emitter.state, ordinal);
  if (emitter.step(place).call?.doubt !== undefined) askPerson(emitter, place, failure);
  else emitter.owner(place).failed(emitter, place, failure);
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
export function withdrawUnneeded(emitter: Emitter): undefined {
  for (const ordinal of emitter.state.openApprovals) {
    if (emitter.events.length >= EVENTS_SOFT_MAX) return;
    const approval = approvalAt(emitter.state, ordinal);
    if (isWanted(emitter, ordinal)) continue;
    const approvalId = approvalIdOf(emitter.state, approval);
    const step = emitter.definition(approval.step).id;
    const because = reasonOf(emitter, ordinal, approval);
    emitter.emit(ApprovalUnneeded({ approvalId, step, because }));
  }
}

const askedBy = (emitter: Emitter, { step: place, purpose }: Approval): ApprovalIndex | undefined => {
  const { question, call, verify } = emitter.step(place);
  if (purpose === 'question') return question;
  return purpose === 'verify' ? verify?.approval : call?.approval;
};

/** Whether its step waits for it. One that does not may still be open: saying so takes a decision that has room. */
function isWanted(emitter: Emitter, ordinal: ApprovalIndex): boolean {
  const approval = approvalAt(emitter.state, ordinal);
  const { status, call } = emitter.step(approval.step);
  if (askedBy(emitter, approval) !== ordinal) return false;
  if (approval.purpose === 'question') return status === 'waiting' && !emitter.isEnding;
  if (status !== 'running' || call?.phase !== 'approval') return false;
  return call.doubt !== undefined || !emitter.isStopped(approval.step);
}

function reasonOf(emitter: Emitter, ordinal: ApprovalIndex, approval: Approval) {
  const { status, failure } = emitter.step(approval.step);
  if (failure?.class === 'timeout' || failure?.class === 'budget_exceeded') return 'timeout';
  if (emitter.state.cancelling !== null) return 'cancelled';
  if (emitter.state.failed !== null || failure !== undefined) return 'failed';
  if (status === 'skipped') return 'skipped';
  return askedBy(emitter, approval) === ordinal ? 'answered' : 'changed';
}
