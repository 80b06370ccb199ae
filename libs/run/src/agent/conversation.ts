import {
  type Failure,
  type Identity,
  type MessageOf,
  QuestionAnswered,
  QuestionAsked,
  QuestionUnanswered,
  type ReplyToQuestion,
} from '@interlock/contracts';
import { type CompiledAgentStep, resolve } from '@interlock/language';
import { stepDeadline } from '../call/deadline.js';
import type { DecisionDraft } from '../decision.draft.js';
import { eventIdOf } from '../ids.js';
import type { StepIndex } from '../indices.js';
import type { Refusal } from '../life/commands.js';
import type { RunState } from '../state.js';
import { expressionFailure } from '../step/tool/start.js';
import { agentAt, findAgent } from './agents.js';
import { fallBack } from './decide.js';
import { answerAt } from './proposer.js';
import type { AgentState, OpenQuestion } from './state.js';

/*
 * What a model asks whom it serves. Question and answer are data: an answer becomes part of what the model is told next, and decides
 * nothing else. Whatever the model then proposes is judged like everything that it proposes.
 */

type Ask = NonNullable<CompiledAgentStep['agent']['ask']>;

const TO_CHARS_MAX = 200;

/** How many questions the step may still ask; undefined: its workflow lets it ask nobody, or it has asked them all. */
export function questionsLeft(
  { agent: { ask } }: CompiledAgentStep,
  { asked = [] }: AgentState,
): { readonly left: number } | undefined {
  const left = (ask?.max ?? 0) - asked.length;
  return left < 1 ? undefined : { left };
}

/** Asks it, and waits: the calls that were proposed with it have been made. */
export function askPerson(draft: DecisionDraft, step: StepIndex, ask: Ask, text: string): undefined {
  const to = recipientOf(draft, step, ask);
  if (typeof to !== 'string') return fallBack(draft, step, to);
  const { asked = [] } = agentAt(draft.state, step);
  draft.emit(
    QuestionAsked({
      step: draft.definition(step).id,
      planId: eventIdOf(draft.key, answerAt(draft, step).planSeq),
      number: asked.length + 1,
      to,
      channel: ask.channel,
      text,
      until: Math.min(draft.now + ask.withinMs, stepDeadline(draft, step)),
    }),
  );
}

function recipientOf(draft: DecisionDraft, step: StepIndex, ask: Ask): string | Failure {
  let to: unknown;
  try {
    to = resolve(ask.to, draft.scopeOf(step), ['agent', 'ask', 'to']);
  } catch (error) {
    return expressionFailure(error);
  }
  return typeof to === 'string' && to !== '' && to.length <= TO_CHARS_MAX ? to : nobody;
}

const nobody: Failure = {
  class: 'invalid_input',
  code: 'question.to',
  message: `agent.ask.to gave something else than a text of 1 to ${TO_CHARS_MAX} characters`,
};

/** The question that the step waits to have answered. */
export function openQuestionOf(state: RunState, step: StepIndex): OpenQuestion | undefined {
  const { at } = findAgent(state, step) ?? {};
  return at?.phase === 'asking' ? at.question : undefined;
}

export const questionIdOf = (state: RunState, { seq }: OpenQuestion): string =>
  eventIdOf(state.origin.runId, seq);

/** May answer for whomever a step asks: a customer who calls has no other way. */
const STAND_IN = 'operator';

/** Takes the first answer of whoever may give it. */
export function onReply(
  draft: DecisionDraft,
  { question, commandId, by, text, trigger }: MessageOf<typeof ReplyToQuestion>['data'],
): Refusal | undefined {
  const { state } = draft;
  const step = state.active.find((one) => {
    const open = openQuestionOf(state, one);
    return open !== undefined && questionIdOf(state, open) === question;
  });
  const asked = step === undefined ? undefined : openQuestionOf(state, step);
  if (step === undefined || asked === undefined || draft.isEndingAt(step)) return notOpen;
  if (draft.now >= asked.until) return ['question.expired', 'it took answers until a moment ago'];
  if (!mayAnswer(asked, by, trigger)) return ['question.person', 'it is for somebody else'];
  const { id } = draft.definition(step);
  const from = trigger === undefined ? {} : { trigger };
  draft.emit(QuestionAnswered({ step: id, questionId: question, commandId, by, ...from, text }));
  return undefined;
}

const notOpen: Refusal = [
  'question.not_open',
  'nobody waits for an answer to it: it has one, its time is over, or it was never asked',
];

/**
 * Names are compared as they are: no two subjects of an issuer are one. A signed event bears the name of whoever published its trigger,
 * which says nothing of who answers: it counts for the trigger that the question names, and for no other.
 */
function mayAnswer({ to, channel }: OpenQuestion, { sub, roles }: Identity, trigger?: string): boolean {
  if (trigger !== undefined) return channel.kind === 'webhook' && channel.trigger === trigger;
  return sub === to || roles.includes(STAND_IN);
}

/** Nobody has answered in time: the model goes on, and is told so. */
export function expireQuestion(draft: DecisionDraft, step: StepIndex): undefined {
  const asked = openQuestionOf(draft.state, step);
  if (asked === undefined || draft.now < asked.until) return;
  const questionId = questionIdOf(draft.state, asked);
  draft.emit(QuestionUnanswered({ step: draft.definition(step).id, questionId }));
}
