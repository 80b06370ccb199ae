import { type Failure, KNOWN_CHARS_MAX } from '@interlock/contracts';
import { resolve } from '@interlock/language';
import type { DecisionDraft } from '../decision.draft.js';
import type { StepIndex } from '../indices.js';
import { expressionFailure } from '../step/tool/start.js';
import { agentAt } from './agents.js';
import { questionsLeft } from './conversation.js';
import type { OpenPlan } from './state.js';

/** What a model is asked: goal, tools, form of the output, and all that is known. */
export function questionOf(draft: DecisionDraft, step: StepIndex, purpose: OpenPlan['purpose']) {
  const agentStep = draft.definitionOf(step, 'agent');
  const { agent: definition } = agentStep;
  const agent = agentAt(draft.state, step);
  const { model, observed, asked = [], at } = agent;
  const inputs = inputsOf(draft, step);
  if ('class' in inputs) return inputs;
  if (model === undefined) throw new Error('an agent without a model asks nobody');
  const known = {
    facts: inputs.facts,
    observed: [...observed],
    ...(definition.ask === undefined ? {} : { asked: [...asked] }),
    ...(purpose === 'reflect' && at.phase === 'acting' ? { proposed: at.answer.proposal } : {}),
  };
  if (JSON.stringify([inputs.goal, known]).length > KNOWN_CHARS_MAX) return tooMuch;
  const ask = questionsLeft(agentStep, agent);
  return {
    model,
    promptHash: definition.prompt.hash,
    goal: inputs.goal,
    tools: definition.tools.map(({ tool: name, version, toolHash }) => ({ name, version, toolHash })),
    ...(definition.output === undefined ? {} : { output: definition.output }),
    // Nothing of a plan in shadow is done, so it asks nobody.
    ...(purpose === 'shadow' || ask === undefined ? {} : { ask }),
    known,
  };
}

const tooMuch: Failure = {
  class: 'context_overflow',
  code: 'agent.too_much',
  message: `what is known by now is longer than ${KNOWN_CHARS_MAX} characters`,
};

function inputsOf(
  draft: DecisionDraft,
  step: StepIndex,
): { readonly goal: string; readonly facts: unknown } | Failure {
  const { agent, needs } = draft.definitionOf(step, 'agent');
  const scope = draft.scopeOf(step);
  try {
    const goal = resolve(agent.goal, scope, ['agent', 'goal']);
    if (typeof goal !== 'string') return notText;
    if (agent.facts !== undefined) return { goal, facts: resolve(agent.facts, scope, ['agent', 'facts']) };
    const steps = Object.fromEntries(needs.map((id) => [id, scope.steps[id] ?? null]));
    return { goal, facts: { input: scope.input, ...scope.locals, steps } };
  } catch (error) {
    return expressionFailure(error);
  }
}

const notText: Failure = {
  class: 'invalid_input',
  code: 'agent.goal',
  message: 'agent.goal gave something else than text',
};
