import {
  AgentFellBack,
  AgentObserved,
  type Failure,
  hashOf,
  OBSERVED_CHARS_MAX,
  type Observation,
  type ProposedCall,
  StepCompleted,
  storedIn,
} from '@interlock/contracts';
import { type CompiledAgentStep, decideByTable, resolve } from '@interlock/language';
import { argumentsOf } from '../call/arguments.js';
import { happenedOf } from '../call/calls.js';
import { stepDeadline, timedOut } from '../call/deadline.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { CallIndex, StepIndex } from '../indices.js';
import { fitting } from '../output.size.js';
import { breachActionOf } from '../sla/sla.js';
import { completeStep } from '../step/complete.js';
import { failStep } from '../step/fail.js';
import { expressionFailure } from '../step/tool/start.js';
import { agentAt } from './agents.js';
import { askPerson } from './conversation.js';
import { outputProblem, requestPlan } from './plans.js';
import { answerAt } from './proposer.js';
import { requestProposed } from './request.js';
import type { AgentState, PlanAnswer } from './state.js';

/*
 * An agent step goes round: ask for a proposal, have it judged, make its calls one after another, ask again with what
 * came of them. A model decides nothing here: what it proposes are calls like any others, within the list, the budgets
 * and the rounds of its step. Where it does not get there, the rules act.
 */

/** Whether the step waits for nobody: what is next is up to this run. */
export function isIdle({ at }: AgentState): boolean {
  if (at.phase === 'acting') return at.call === undefined;
  return at.phase !== 'asked' && at.phase !== 'proposed' && at.phase !== 'asking';
}

/** Advances the agent step as far as it can go now. */
export function drive(draft: DecisionDraft, step: StepIndex): undefined {
  while (!draft.isEndingAt(step) && !draft.isFull && draft.step(step).at.status === 'running') {
    const agent = agentAt(draft.state, step);
    if (!isIdle(agent) || isHeldBack(draft, agent)) return;
    if (draft.now >= stepDeadline(draft, step)) return fallBack(draft, step, timedOut(draft, step));
    if (agent.level === 'baseline') return decideByBaseline(draft, step);
    if (agent.at.phase === 'acting') carryOut(draft, step, agent.at.answer);
    else requestPlan(draft, step, 'act');
  }
}

/** Its next request waits for its time or for a stop to be lifted. */
function isHeldBack({ now, settings }: DecisionDraft, { at }: AgentState): boolean {
  if (at.phase === 'stopped') return !settings.isLifted(at.stop.number);
  return at.phase === 'retry' && now < at.due;
}

function carryOut(draft: DecisionDraft, step: StepIndex, answer: PlanAnswer): undefined {
  const { id, agent: definition } = draft.definitionOf(step, 'agent');
  const { proposal, next, purpose } = answer;
  const { calls, output, question, confidence } = proposal;
  if (confidence < definition.minConfidence) return fallBack(draft, step, unsure(confidence, definition));
  if (next === 0 && isLoop(draft, step, answer)) return fallBack(draft, step, LOOP);
  const call = calls[next];
  if (call !== undefined) return act(draft, step, answer, call);
  if (hasFailed(draft, step, answer)) return requestPlan(draft, step, 'act');
  if (question !== undefined && definition.ask !== undefined)
    return askPerson(draft, step, definition.ask, question);
  if (output === undefined) return requestPlan(draft, step, 'act');
  const { reflected } = agentAt(draft.state, step);
  if (reflected < definition.reflectRounds) return requestPlan(draft, step, 'reflect');
  const fit = fitting(draft, output);
  if ('class' in fit) return failStep(draft, step, fit);
  const detail = `${purpose} ${answer.model}`;
  draft.emit(StepCompleted({ step: id, output: fit.output, via: 'agent', detail }));
  completeStep(draft, step);
}

const unsure = (confidence: number, { minConfidence }: CompiledAgentStep['agent']): Failure => ({
  class: 'domain',
  code: 'agent.low_confidence',
  message: `its confidence is ${confidence}, and this step asks for ${minConfidence}`,
});

const LOOP: Failure = {
  class: 'domain',
  code: 'agent.loop',
  message: 'it proposed nothing that it had not proposed before',
};

const keyOf = ({ tool, arguments: args, occurrence }: ProposedCall): string =>
  hashOf({ tool, arguments: args, occurrence });

const wasProposed = ({ observed }: AgentState, call: ProposedCall): boolean =>
  observed.some((earlier) => earlier.result !== 'skipped' && keyOf(earlier) === keyOf(call));

/** Nothing new, and no output: the next round would know no more than this one. */
function isLoop(draft: DecisionDraft, step: StepIndex, { proposal }: PlanAnswer): boolean {
  const agent = agentAt(draft.state, step);
  const { calls, output, question } = proposal;
  if (output !== undefined || (question !== undefined && !wasAsked(agent, question))) return false;
  return calls.every((call) => wasProposed(agent, call));
}

const wasAsked = ({ asked = [] }: AgentState, question: string): boolean =>
  asked.some((earlier) => earlier.question === question);

const resultsOf = ({ observed }: AgentState, { round }: PlanAnswer): Observation[] =>
  observed.filter((earlier) => earlier.round === round);

/** An output that was proposed together with calls counts on them. */
const hasFailed = (draft: DecisionDraft, step: StepIndex, answer: PlanAnswer): boolean =>
  resultsOf(agentAt(draft.state, step), answer).some(
    ({ result }) => result !== 'succeeded' && result !== 'repeated',
  );

/** Makes the next call, or says why it is not made. */
function act(draft: DecisionDraft, step: StepIndex, answer: PlanAnswer, call: ProposedCall): undefined {
  const agent = agentAt(draft.state, step);
  if (hasFailed(draft, step, answer)) return observe(draft, step, call, { result: 'skipped' });
  if (wasProposed(agent, call)) return observe(draft, step, call, { result: 'repeated' });
  const { tools } = draft.definitionOf(step, 'agent').agent;
  const tool = tools.find(({ tool: name }) => name === call.tool);
  if (tool === undefined) return observe(draft, step, call, { result: 'unlisted' });
  const made = argumentsOf(draft, { name: call.tool, toolHash: tool.toolHash }, call.arguments);
  if ('class' in made) return observe(draft, step, call, { result: 'failed', failure: made });
  const refused = requestProposed(draft, step, tool, { ...call, ...made });
  if (refused !== undefined) fallBack(draft, step, refused);
}

type Result = Pick<Observation, 'result' | 'output' | 'failure'>;

function observe(
  draft: DecisionDraft,
  step: StepIndex,
  { tool, arguments: args, occurrence }: ProposedCall,
  result: Result,
): undefined {
  const { round, next: index } = answerAt(draft, step);
  const { id } = draft.definition(step);
  const about = { round, index, tool, arguments: args, occurrence };
  draft.emit(AgentObserved({ step: id, observation: { ...about, ...result } }));
}

/** A call that was made has ended, and its outcome is allowed. */
export function callSucceeded(draft: DecisionDraft, call: CallIndex): undefined {
  const output = happenedOf(draft.call(call))?.output ?? null;
  observeCall(draft, call, { result: 'succeeded', output: shortened(output) });
}

/** A call that was made, or was to be made, has failed. */
export function callFailed(draft: DecisionDraft, call: CallIndex, failure: Failure): undefined {
  const result = failure.class === 'denied' ? 'denied' : 'failed';
  observeCall(draft, call, { result, failure });
}

/** A person skipped a call, so the run goes on without its output. */
export const callSkipped = (
  draft: DecisionDraft,
  call: CallIndex,
  result: 'unknown' | 'unusable' | 'failed',
  failure: Failure,
): undefined => observeCall(draft, call, { result, failure });

function observeCall(draft: DecisionDraft, call: CallIndex, result: Result): undefined {
  const step = draft.stepOf(call);
  const { at } = agentAt(draft.state, step);
  if (at.phase !== 'acting' || at.call !== call) return;
  const proposed = at.answer.proposal.calls[at.answer.next];
  if (proposed !== undefined) observe(draft, step, proposed, result);
}

function shortened(output: unknown): unknown {
  const stored = storedIn(output);
  if (stored !== undefined)
    return `(an output of ${stored.size} bytes, kept for later steps and too long to be shown)`;
  const text = JSON.stringify(output);
  return text.length <= OBSERVED_CHARS_MAX ? output : `${text.slice(0, OBSERVED_CHARS_MAX)} ... (cut)`;
}

/**
 * The model does not act any more. Rules may do so in its stead, unless something has been written already, the run has no time left, or the
 * step is late and its workflow says that people or its `onFailure` decide then.
 */
export function fallBack(draft: DecisionDraft, step: StepIndex, failure: Failure): undefined {
  draft.emit(AgentFellBack({ step: draft.definition(step).id, failure }));
  const isTooLate =
    draft.isOverdue || agentAt(draft.state, step).wrote === true || isLeftBy(draft, step, failure);
  if (isTooLate) return failStep(draft, step, failure);
  // Otherwise it is driven there once they are.
  draft.whenAtHand(draft.definition(step).id, () => decideByBaseline(draft, step));
}

const isLeftBy = (draft: DecisionDraft, step: StepIndex, { code }: Failure): boolean =>
  code === 'sla.breached' && breachActionOf(draft.state, step) !== 'fallback';

/** The rules of the step decide. */
export function decideByBaseline(draft: DecisionDraft, step: StepIndex): undefined {
  const definition = draft.definitionOf(step, 'agent');
  const { table, with: template } = definition.agent.baseline;
  let decision: ReturnType<typeof decideByTable>;
  try {
    const scope = draft.scopeOf(step);
    const input = template === undefined ? scope.input : resolve(template, scope, ['baseline', 'with']);
    decision = decideByTable(table, { ...scope, input });
  } catch (error) {
    return failStep(draft, step, expressionFailure(error));
  }
  if ('noMatch' in decision) {
    const message = `no rule of ${table.name}@${table.version} matches`;
    return failStep(draft, step, { class: 'domain', code: 'no_rule_matched', message });
  }
  const { ruleIndex, ruleId, output } = decision;
  const broken = outputProblem(definition, output);
  if (broken !== undefined) return failStep(draft, step, broken);
  const detail = ruleId ?? (ruleIndex < 0 ? 'otherwise' : `rules[${ruleIndex}]`);
  const fit = fitting(draft, output);
  if ('class' in fit) return failStep(draft, step, fit);
  draft.emit(StepCompleted({ step: definition.id, output: fit.output, via: 'baseline', detail }));
  completeStep(draft, step);
}
