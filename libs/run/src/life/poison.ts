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
import { onOutcome } from '../call/outcomes.js';
import type { DecisionDraft } from '../decision.draft.js';
import { findRequest, requestAt } from '../edit.js';
import type { RequestIndex, StepIndex } from '../indices.js';
import type { RunInput } from '../run.messages.js';
import type { RunState } from '../state.js';

type Poison = Extract<RunInput, { kind: 'poison' }>;

/**
 * An answer this run waits for broke its contract and will not come again. A write may have happened all the same, so
 * its call comes into doubt; anything else fails as our own defect.
 */
export function onPoison(draft: DecisionDraft, poison: Poison): undefined {
  if (poison.topic === policyEvents.name) return poisonedVerdict(draft, poison);
  if (poison.topic === approvalEvents.name) return poisonedApproval(draft, poison);
  // Anything else answers nothing that this run waits for: anybody may have named this run in a command.
  if (poison.topic !== toolEvents.name) return;
  const ordinal = poisonedRequest(draft.state, poison.meta.cause);
  if (ordinal === undefined) return;
  const { seq, effect, timeoutMs, notAfter } = requestAt(draft.state, ordinal);
  const because = `its answer (${poison.type}) broke its contract: ${poison.problem}`.slice(0, 2_000);
  const failure = { class: 'internal', code: 'answer.poison', message: because } as const;
  onOutcome(
    draft,
    `${draft.key}/${seq}`,
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
function poisonedVerdict(draft: DecisionDraft, { meta }: Poison): undefined {
  const ordinal = meta.cause === undefined ? undefined : findRequest(draft.state, meta.cause);
  if (ordinal !== undefined) return poisonedBefore(draft, ordinal);
  // The planner cannot read it either, and lets the request expire.
  if (meta.cause !== undefined && openPlace(draft, meta.cause) !== undefined) return;
  const asked = draft.state.active.find((place) => isAskedAbout(draft, place, meta.cause));
  if (asked !== undefined) return fallBack(draft, asked, UNREADABLE);
  const waiting = draft.state.active.filter((place) => draft.step(place).check !== undefined);
  const named = waiting.filter((place) => meta.cause === `${draft.key}/${draft.step(place).check}`);
  for (const place of named.length > 0 ? named : waiting) draft.owner(place).failed(draft, place, UNREADABLE);
}

/** Whether the cause is a proposal of this agent step that waits to be judged. */
function isAskedAbout(draft: DecisionDraft, place: StepIndex, cause: string | undefined): boolean {
  const answer = draft.step(place).agent?.answer;
  return answer !== undefined && answer.isAllowed !== true && cause === `${draft.key}/${answer.seq}`;
}

const SETTLING = /^approval\.(granted|denied|expired|withdrawn)\//;

/** What people said in the end cannot be read, nor for which of the open requests: none of them is granted. */
function poisonedApproval(draft: DecisionDraft, { type, problem }: Poison): undefined {
  if (!SETTLING.test(type)) return;
  const message = `an answer of people (${type}) broke its contract: ${problem}`.slice(0, 4_000);
  for (const ordinal of draft.state.openApprovals) {
    refuseApproval(draft, ordinal, { class: 'internal', code: 'approval.poison', message });
  }
}

/** Its call was performed, and nobody will ever learn what allowed it. */
function poisonedBefore(draft: DecisionDraft, ordinal: RequestIndex): undefined {
  if (!draft.state.unjudged.includes(ordinal)) return;
  const { seq, step: place } = requestAt(draft.state, ordinal);
  const requestId = `${draft.key}/${seq}`;
  const step = draft.definition(place).id;
  const about = { checkId: requestId, requestId, step, point: 'before', verdict: 'deny' } as const;
  draft.emit(VerdictRecorded({ ...about, bundle: '', policies: [], reason: UNREADABLE.message }));
  if (draft.owner(place).outlastsRun) return draft.owner(place).failed(draft, place, UNREADABLE);
  // What the step went on to become does not matter: without its verdict the run has to be looked at.
  draft.emit(StepFailed({ step, failure: UNREADABLE }));
}
