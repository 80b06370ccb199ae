import {
  approvalEvents,
  type Failure,
  policyEvents,
  StepFailed,
  toolEvents,
  VerdictRecorded,
} from '@interlock/contracts';
import { fallBack } from '../agent/decide.js';
import { openStep } from '../agent/plans.js';
import { isAskedAbout } from '../agent/verdicts.js';
import { refuseApproval } from '../approval/decide.js';
import { happenedOf } from '../call/calls.js';
import { onOutcome } from '../call/outcomes.js';
import { findRequest, requestIdOf } from '../call/requests.js';
import type { DecisionDraft } from '../decision.draft.js';
import { eventIdOf } from '../ids.js';
import type { RequestIndex } from '../indices.js';
import type { RunInput } from '../run.messages.js';
import { doubtedBy, openCalls } from '../scope/called.js';
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
  const index = poisonedRequest(draft.state, poison.meta.cause);
  if (index === undefined) return;
  const request = draft.request(index);
  const { call, timeoutMs, notAfter } = request;
  const because = `its answer (${poison.type}) broke its contract: ${poison.problem}`.slice(0, 2_000);
  const failure = { class: 'internal', code: 'answer.poison', message: because } as const;
  onOutcome(
    draft,
    requestIdOf(draft.state, request),
    draft.called(call).effect === 'write'
      ? { kind: 'unknown', deadline: notAfter + timeoutMs, because }
      : { kind: 'failed', failure },
  );
}

/** The request that its cause names, or the only one that it can be about. */
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
function poisonedVerdict(draft: DecisionDraft, { meta: { cause } }: Poison): undefined {
  const { state } = draft;
  const request = cause === undefined ? undefined : findRequest(state, cause);
  if (request !== undefined) return poisonedBefore(draft, request);
  // The planner cannot read it either, and lets the request expire.
  if (cause !== undefined && openStep(draft, cause) !== undefined) return;
  const asked = state.active.find((step) => isAskedAbout(state, step, cause));
  if (asked !== undefined) return fallBack(draft, asked, UNREADABLE);
  const waiting = openCalls(state).flatMap((call) => {
    const check = happenedOf(draft.call(call))?.check;
    return check === undefined || check.isAllowed ? [] : [{ call, id: eventIdOf(draft.key, check.seq) }];
  });
  const named = waiting.filter(({ id }) => id === cause);
  for (const { call } of named.length > 0 ? named : waiting)
    draft.owner(call).failed(draft, call, UNREADABLE);
}

const SETTLING = /^approval\.(granted|denied|expired|withdrawn)\//;

/** What people said in the end cannot be read, nor for which of the open requests: none of them is granted. */
function poisonedApproval(draft: DecisionDraft, { type, problem }: Poison): undefined {
  if (!SETTLING.test(type)) return;
  const message = `an answer of people (${type}) broke its contract: ${problem}`.slice(0, 4_000);
  for (const approval of draft.state.openApprovals) {
    refuseApproval(draft, approval, { class: 'internal', code: 'approval.poison', message });
  }
}

/** The call was performed, and its allowing verdict is lost. */
function poisonedBefore(draft: DecisionDraft, request: RequestIndex): undefined {
  if (!draft.state.unjudged.includes(request)) return;
  const asked = draft.request(request);
  const requestId = requestIdOf(draft.state, asked);
  const { step } = draft.called(asked.call);
  const about = { checkId: requestId, requestId, step, point: 'before', verdict: 'deny' } as const;
  draft.emit(VerdictRecorded({ ...about, bundle: '', policies: [], reason: UNREADABLE.message }));
  const call = doubtedBy(draft.state, asked.call);
  if (draft.owner(call).outlastsRun) return draft.owner(call).failed(draft, call, UNREADABLE);
  // Whatever happened to the step since: without the verdict a person has to look at the run.
  draft.emit(StepFailed({ step, failure: UNREADABLE }));
}
