/*
 * C1  Every check is answered once: a check is dealt with in the decision that answers it, or held until one does.
 * C2  Nothing is held that no later event can release. Of a run in which a model may act its influence is kept until the run has
 *     ended, of every other run nothing.
 * C3  A request that names an approval is answered after the approval service has spoken about this request, and only then. What it
 *     says changes `context.approved` and nothing else: what the bundle requires stays in the verdict.
 */
import type { Actor, Context, Decision, Input, TopicMessage } from '@interlock/actors';
import { approvalEvents, type CallRevoked, runEvents, terminalEventTypes } from '@interlock/contracts';
import type { z } from 'zod';
import { Answering, ARTIFACT_LAG_MS, namesApproval, waitsForArtifacts } from './answering.js';
import { answersTo, approvalAnswerTypes, requestIdIn } from './approval-answer.js';
import { denyAll } from './check.fault.js';
import { evolveFollowed, type FollowedRun, Following, factTypes, mayTell } from './followed-run.js';
import { asksAboutPlan, type RecordedPlan } from './plan.questions.js';
import type { RequestedCheck } from './questions.js';
import { recordedOutput } from './recorded-output.js';
import type { Verdicts } from './verdicts.js';

/** The checks of one run: what waits is held, everything else is answered at once. */
export function checkActor(verdicts: Verdicts): Actor<FollowedRun> {
  return {
    name: 'check',
    inputs: {
      [runEvents.name]: new Set([
        ...factTypes,
        'call.revoked',
        'check.requested',
        'plan.requested',
        ...terminalEventTypes,
      ]),
      [approvalEvents.name]: approvalAnswerTypes,
    },
    key: ({ meta }) => meta.run,
    skim: mayTell,
    decide: (input, run, context, key) =>
      run?.isLost === true
        ? denyAll('influence.lost', input, context.held, run)
        : decide(verdicts, key, input, run, context),
    answerFault: ({ code }, input, run, { held }) => denyAll(code, input, held, run),
    evolve: evolveFollowed,
    isOver: () => true,
    due: (_state, { held }) => {
      const [first] = held.filter((message) => waitsForArtifacts(message, held));
      return first && first.meta.time + ARTIFACT_LAG_MS;
    },
  };
}

function decide(
  verdicts: Verdicts,
  runId: string,
  input: Input,
  run: FollowedRun | undefined,
  context: Context,
): Decision {
  const arrived = input.kind === 'message' ? input.message : undefined;
  const following = new Following(run);
  const answering = new Answering(verdicts, runId, following, context, arrived);
  answering.again();
  if (arrived?.topic === runEvents.name) following.take(arrived);
  const isHeld = arrived !== undefined && take(arrived, answering, context);
  if (arrived !== undefined && terminalEventTypes.has(arrived.type)) following.forget(arrived.type);
  const events = [...following.events, ...answering.events];
  return { events, release: [...answering.released], hold: isHeld };
}

/** Deals with one event; true: it must be held. */
function take(message: TopicMessage, answering: Answering, { held }: Context): boolean {
  if (approvalAnswerTypes.has(message.type)) return takeApprovalAnswer(message, answering, held);
  answering.release(held.filter((earlier) => isOrphan(earlier, message, held)));
  switch (message.type) {
    case 'call.requested':
    case 'check.requested':
      return !answering.answer(message);
    case 'plan.requested':
      return !answering.answer(message);
    case 'plan.recorded':
      answering.release(requestOf(message, held));
      return asksAboutPlan(message) && !answering.answer(message);
    case 'call.recorded':
    case 'call.late_recorded':
      return recordedOutput(message) !== undefined;
    case 'run.started':
    case 'call.doubt_resolved':
    case 'step.completed':
    case 'step.fell_back':
      return false;
    case 'call.revoked': {
      const { requestId } = message.data as z.output<typeof CallRevoked.schema>;
      answering.release([...callRequestsOf(requestId, held), ...answersTo(requestId, held)]);
      return false;
    }
    default:
      answering.release(held);
      return false;
  }
}

/** One that no held request waits for comes too late, or again. */
function takeApprovalAnswer(
  message: TopicMessage,
  answering: Answering,
  held: readonly TopicMessage[],
): boolean {
  const [callRequest] = callRequestsOf(requestIdIn(message.data), held).filter(
    (one) => !answering.released.has(one),
  );
  if (callRequest === undefined || !namesApproval(callRequest)) return false;
  const isAnswered = answering.answer(callRequest);
  if (isAnswered) answering.release([callRequest]);
  return !isAnswered;
}

/** The run waits for no answer to this request any more. */
function requestOf({ data }: TopicMessage, held: readonly TopicMessage[]): TopicMessage[] {
  const { planId } = data as RecordedPlan;
  return held.filter(({ type, meta }) => type === 'plan.requested' && meta.id === planId);
}

const callRequestsOf = (requestId: string, messages: readonly TopicMessage[]): TopicMessage[] =>
  messages.filter(({ type, meta }) => type === 'call.requested' && meta.id === requestId);

/**
 * An outcome and its check come from one decision of the run, so they name the same cause. An outcome without its check
 * when an event of another decision comes will never be asked about.
 */
function isOrphan(earlier: TopicMessage, message: TopicMessage, held: readonly TopicMessage[]): boolean {
  const output = recordedOutput(earlier);
  if (output === undefined || earlier.meta.cause === message.meta.cause) return false;
  const { requestId } = output;
  return !held.some(
    ({ type, data }) => type === 'check.requested' && (data as RequestedCheck).requestId === requestId,
  );
}
