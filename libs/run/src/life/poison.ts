import {
  approvalEvents,
  type Failure,
  policyEvents,
  StepFailed,
  toolEvents,
  VerdictRecorded,
} from '@interlock/contracts';
import { fallBack } from '../agent/decide.js';
import { openPlace } from '../agent/plans.js';
import { refuseApproval } from '../approval/decide.js';
import { takeOutcome } from '../call/outcomes.js';
import { findRequest, requestAt } from '../edit.js';
import type { Emitter } from '../emitter.js';
import type { RequestIndex, StepIndex } from '../indices.js';
import type { RunInput } from '../run.messages.js';
import type { RunState } from '../state.js';

type Poison = Extract<RunInput, { kind: 'poison' }>;

/**
 * An answer this run waits for broke its contract and will not come again. A write may have happened all the same, so
 * its call comes into doubt; anything else fails as our own defect.
 */
export function takePoison(emitter: Emitter, poison: Poison): undefined {
  if (poison.topic === policyEvents.name) return poisonedVerdict(emitter, poison);
  if (poison.topic === approvalEvents.name) return poisonedApproval(emitter, poison);
  // Anything else answers nothing that this run waits for: anybody may have named this run in a command.
  if (poison.topic !== toolEvents.name) return;
  const ordinal = poisonedRequest(emitter.state, poison.meta.cause);
  if (ordinal === undefined) return;
  const { seq, effect, timeoutMs, notAfter } = requestAt(emitter.state, ordinal);
  const because = `its answer (${poison.type}) broke its contract: ${poison.problem}`.slice(0, 2_000);
  const failure = { class: 'internal', code: 'answer.poison', message: because } as const;
  takeOutcome(
    emitter,
    `${emitter.key}/${seq}`,
    effect === 'write'
      ? { kind: 'unknown', deadline: notAfter + timeoutMs, because }
      : { kind: 'failed', failure },
  );
}

/** By the cause it names, or the only one it can be about. */
export function poisonedRequest(state: RunState, cause: string | undefined): RequestIndex | undefined {
  const { openRequests } = state;
  const named = cause === undefined ? undefined : findRequest(state, cause);
  if (named !== undefined && openRequests.includes(named)) return named;
  return openRequests.length === 1 ? openRequests[0] : undefined;
}

const UNREADABLE: Failure = {
  class: 'internal',
  code: 'verdict.poison',
  message: 'a verdict on it broke its contract',
};

/**
 * A verdict nobody can read counts as a deny. The one before a call that is still open changes nothing: the executor
 * cannot read it either, and lets the request expire.
 */
function poisonedVerdict(emitter: Emitter, { meta }: Poison): undefined {
  const ordinal = meta.cause === undefined ? undefined : findRequest(emitter.state, meta.cause);
  if (ordinal !== undefined) return poisonedBefore(emitter, ordinal);
  // The planner cannot read it either, and lets the request expire.
  if (meta.cause !== undefined && openPlace(emitter, meta.cause) !== undefined) return;
  const asked = emitter.state.active.find((place) => isAskedAbout(emitter, place, meta.cause));
  if (asked !== undefined) return fallBack(emitter, asked, UNREADABLE);
  const waiting = emitter.state.active.filter((place) => emitter.step(place).check !== undefined);
  const named = waiting.filter((place) => meta.cause === `${emitter.key}/${emitter.step(place).check}`);
  for (const place of named.length > 0 ? named : waiting)
    emitter.owner(place).failed(emitter, place, UNREADABLE);
}

/** Whether the cause is a proposal of this agent step that waits to be judged. */
function isAskedAbout(emitter: Emitter, place: StepIndex, cause: string | undefined): boolean {
  const answer = emitter.step(place).agent?.answer;
  return answer !== undefined && answer.isAllowed !== true && cause === `${emitter.key}/${answer.seq}`;
}

const SETTLING = /^approval\.(granted|denied|expired|withdrawn)\//;

/** What people said in the end cannot be read, nor for which of the open requests: none of them is granted. */
function poisonedApproval(emitter: Emitter, { type, problem }: Poison): undefined {
  if (!SETTLING.test(type)) return;
  const message = `an answer of people (${type}) broke its contract: ${problem}`.slice(0, 4_000);
  for (const ordinal of emitter.state.openApprovals) {
    refuseApproval(emitter, ordinal, { class: 'internal', code: 'approval.poison', message });
  }
}

/** Its call was performed, and nobody will ever learn what allowed it. */
function poisonedBefore(emitter: Emitter, ordinal: RequestIndex): undefined {
  if (!emitter.state.unjudged.includes(ordinal)) return;
  const { seq, step: place } = requestAt(emitter.state, ordinal);
  const requestId = `${emitter.key}/${seq}`;
  const step = emitter.definition(place).id;
  const about = { checkId: requestId, requestId, step, point: 'before', verdict: 'deny' } as const;
  emitter.emit(VerdictRecorded({ ...about, bundle: '', policies: [], reason: UNREADABLE.message }));
  if (emitter.owner(place).outlastsRun) return emitter.owner(place).failed(emitter, place, UNREADABLE);
  // What the step went on to become does not matter: without its verdict the run has to be looked at.
  emitter.emit(StepFailed({ step, failure: UNREADABLE }));
}
