/*
 * C1  Every check is answered once: a check is dealt with in the decision that answers it, or deferred until one does.
 * C2  Nothing is deferred that no later event can release. Of a run in which a model may act its influence is kept until the run has
 *     ended, of every other run nothing.
 * C3  A request that names an approval is answered after the approval service has spoken about this request, and only then. What it
 *     says changes `context.approved` and nothing else: what the bundle requires stays in the verdict.
 */
import type { Actor, TopicMessage } from '@interlock/actors';
import {
  approvalEvents,
  endsForGood,
  RunClosed,
  RunLapsed,
  runEvents,
  terminalEvents,
  typesOf,
  type ValueAnswer,
  type ValuesAtHand,
  ValuesErasing,
} from '@interlock/contracts';
import { Answering, ARTIFACT_LAG_MS, namesApproval, waitingQuestion } from './answering.js';
import { answersTo, approvalAnswerTypes } from './approval-answer.js';
import { denyAll } from './check.fault.js';
import {
  type ApprovalAnswer,
  type CheckContext,
  type CheckDecision,
  type CheckEvent,
  type CheckInput,
  type CheckMessage,
  isApprovalAnswer,
  questionIn,
  type Received,
} from './check.messages.js';
import { evolveFollowed, type FollowedRun, Following, factTypes, mayTell } from './followed-run.js';
import type { Verdicts } from './verdicts.js';
import { isLoading, WholeValues } from './whole.value.js';

/**
 * The checks of one run: what waits is deferred, everything else is answered at once.
 * @param values what this process has loaded of what is kept outside of the log
 */
export function checkActor(
  verdicts: Verdicts,
  values?: ValuesAtHand,
): Actor<FollowedRun, CheckMessage, CheckEvent, ValueAnswer> {
  return {
    name: 'check',
    inputs: {
      [runEvents.name]: new Set<CheckMessage['type']>([
        ...factTypes,
        'call.revoked',
        'plan.requested',
        ...typesOf(...terminalEvents, RunClosed, RunLapsed, ValuesErasing),
      ]),
      [approvalEvents.name]: approvalAnswerTypes,
    },
    key: ({ meta }) => meta.run,
    prefilter: mayTell,
    decide: (input, run, context, key) =>
      run?.isLost === true
        ? denyAll('influence.lost', input, context.deferred, run)
        : decide({ verdicts, values }, key, input, run, context),
    answerFault: ({ code }, input, run, { deferred }) => denyAll(code, input, deferred, run),
    evolve: evolveFollowed,
    isOver: () => true,
    due: (_state, { deferred, isRunning }) => {
      const [first] = deferred.filter((message) => {
        const question = waitingQuestion(message, deferred);
        return question !== undefined && !isLoading(question, { isRunning });
      });
      return first && first.meta.time + ARTIFACT_LAG_MS;
    },
  };
}

interface Means {
  readonly verdicts: Verdicts;
  readonly values: ValuesAtHand | undefined;
}

function decide(
  { verdicts, values }: Means,
  runId: string,
  input: CheckInput,
  run: FollowedRun | undefined,
  context: CheckContext,
): CheckDecision {
  const arrived = input.kind === 'message' ? input.message : undefined;
  const following = new Following(run);
  const whole = new WholeValues(runId, values, input.kind === 'result' ? input.result : undefined);
  const answering = new Answering(verdicts, runId, following, context, arrived, whole);
  answering.again();
  if (arrived !== undefined && !isApprovalAnswer(arrived)) following.take(arrived, arrived.meta.id);
  const isDeferred = arrived !== undefined && take(arrived, answering, context);
  if (arrived !== undefined && endsForGood(arrived)) following.forget(arrived.type);
  const events = [...following.events, ...answering.events];
  return {
    events,
    release: [...answering.released],
    defer: isDeferred,
    ...(whole.wanted.size > 0 && { start: [...whole.wanted.values()] }),
  };
}

/** Deals with one event; true: it must be deferred. */
function take(message: Received, answering: Answering, { deferred }: CheckContext): boolean {
  if (isApprovalAnswer(message)) return takeApprovalAnswer(message, answering, deferred);
  switch (message.type) {
    case 'call.requested':
    case 'plan.requested':
      return !answering.answer(message);
    case 'plan.recorded': {
      answering.release(plansOf(message.data.planId, deferred));
      const question = questionIn(message);
      return question !== undefined && !answering.answer(question);
    }
    case 'call.recorded':
    case 'call.late_recorded': {
      const question = questionIn(message);
      return question !== undefined && !answering.answer(question);
    }
    case 'run.started':
    case 'call.doubt_resolved':
    case 'step.completed':
    case 'step.fell_back':
    case 'step.resumed':
    case 'child.ended':
    case 'run.reopened':
    case 'run.undoing':
    case 'run.migrated':
      return false;
    case 'call.revoked': {
      const { requestId } = message.data;
      answering.release([...callRequestsOf(requestId, deferred), ...answersTo(requestId, deferred)]);
      return false;
    }
    default:
      answering.release(deferred);
      return false;
  }
}

/** One that no deferred request waits for comes too late, or again. */
function takeApprovalAnswer(
  { data }: TopicMessage<ApprovalAnswer>,
  answering: Answering,
  deferred: readonly Received[],
): boolean {
  const callRequest = callRequestsOf(data.requestId, deferred).find((one) => !answering.released.has(one));
  if (callRequest === undefined || !namesApproval(callRequest)) return false;
  const isAnswered = answering.answer(callRequest);
  if (isAnswered) answering.release([callRequest]);
  return !isAnswered;
}

/** The requests that a recorded plan answers: the run waits for no verdict on them any more. */
const plansOf = (planId: string, deferred: readonly Received[]): Received[] =>
  deferred.filter(({ type, meta }) => type === 'plan.requested' && meta.id === planId);

const callRequestsOf = (requestId: string, messages: readonly Received[]) =>
  messages
    .filter((message) => message.type === 'call.requested' && message.meta.id === requestId)
    .flatMap((message) => questionIn(message) ?? []);
