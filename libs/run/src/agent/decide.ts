import {
  AgentFellBack,
  AgentObserved,
  type Failure,
  hashOf,
  OBSERVED_CHARS_MAX,
  type Observation,
  type ProposedCall,
  StepCompleted,
} from '@interlock/contracts';
import { type CompiledAgentStep, decideByTable, resolve } from '@interlock/language';
import { requestProposed } from '../agent/request.js';
import { argumentsOf } from '../call/arguments.js';
import { deadlineOf, timedOut } from '../call/deadline.js';
import type { DecisionDraft } from '../decision.draft.js';
import type { StepIndex } from '../indices.js';
import { scopeOf } from '../scope/scope.js';
import { completeStep } from '../step/complete.js';
import { failStep } from '../step/fail.js';
import { expressionFailure } from '../step/tool/start.js';
import { outputProblem, requestPlan } from './plans.js';
import type { AgentState, PlanAnswer } from './state.js';

/*
 * An agent step goes round: ask for a proposal, have it judged, make its calls one after another, ask again with what
 * came of them. A model decides nothing here: what it proposes are calls like any others, within the list, the budgets
 * and the rounds of its step. Where it does not get there, the rules act.
 */

const agentOf = (draft: DecisionDraft, place: StepIndex): AgentState => draft.step(place).agent!;
const definitionOf = (draft: DecisionDraft, place: StepIndex) => draft.definition(place) as CompiledAgentStep;

/** Whether the step waits for nobody: what is next is up to this run. */
export const isIdle = ({ plan, answer, place }: AgentState): boolean =>
  plan === undefined && place === undefined && (answer === undefined || answer.isAllowed === true);

/** Takes every agent step as far as it can go now. */
export function driveAgents(draft: DecisionDraft): undefined {
  for (const place of draft.state.active) {
    if (draft.step(place).agent !== undefined) drive(draft, place);
  }
}

function drive(draft: DecisionDraft, place: StepIndex): undefined {
  while (!draft.isEnding && !draft.isFull && draft.step(place).status === 'running') {
    const agent = agentOf(draft, place);
    if (!isIdle(agent) || isHeldBack(draft, agent)) return;
    if (draft.now >= deadlineOf(draft, place)) return fallBack(draft, place, timedOut(draft, place));
    const { answer } = agent;
    if (answer === undefined) requestPlan(draft, place, 'act');
    else carryOut(draft, place, answer);
  }
}

/** Its next request has its time, or is stopped. */
const isHeldBack = ({ now, settings }: DecisionDraft, { due, stop }: AgentState): boolean =>
  stop === undefined ? due !== undefined && now < due : !settings.isLifted(stop.number);

function carryOut(draft: DecisionDraft, place: StepIndex, answer: PlanAnswer): undefined {
  const { agent: definition } = definitionOf(draft, place);
  const { proposal, next, purpose } = answer;
  const { calls, output, confidence } = proposal;
  if (confidence < definition.minConfidence) return fallBack(draft, place, unsure(confidence, definition));
  if (next === 0 && isLoop(draft, place, answer)) return fallBack(draft, place, LOOP);
  if (next < calls.length) return act(draft, place, answer, calls[next]!);
  if (output === undefined || hasFailed(draft, place, answer)) return requestPlan(draft, place, 'act');
  const { reflected } = agentOf(draft, place);
  if (reflected < definition.reflectRounds) return requestPlan(draft, place, 'reflect');
  const step = definitionOf(draft, place).id;
  draft.emit(StepCompleted({ step, output, via: 'agent', detail: `${purpose} ${answer.model}` }));
  completeStep(draft, place);
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

/** Nothing new, and no output: the next round would know no more than this one did. */
function isLoop(draft: DecisionDraft, place: StepIndex, { proposal }: PlanAnswer): boolean {
  const agent = agentOf(draft, place);
  return proposal.output === undefined && proposal.calls.every((call) => wasProposed(agent, call));
}

const resultsOf = ({ observed }: AgentState, { round }: PlanAnswer): Observation[] =>
  observed.filter((earlier) => earlier.round === round);

/** An output that was proposed together with calls counts on them. */
const hasFailed = (draft: DecisionDraft, place: StepIndex, answer: PlanAnswer): boolean =>
  resultsOf(agentOf(draft, place), answer).some(
    ({ result }) => result !== 'succeeded' && result !== 'repeated',
  );

/** Makes the call whose turn it is, or says why it is not made. */
function act(draft: DecisionDraft, place: StepIndex, answer: PlanAnswer, call: ProposedCall): undefined {
  const agent = agentOf(draft, place);
  if (hasFailed(draft, place, answer)) return observe(draft, place, call, { result: 'skipped' });
  if (wasProposed(agent, call)) return observe(draft, place, call, { result: 'repeated' });
  const { tools } = definitionOf(draft, place).agent;
  const tool = tools.findIndex(({ tool: name }) => name === call.tool);
  if (tool < 0) return observe(draft, place, call, { result: 'unlisted' });
  const { toolHash } = tools[tool]!;
  const made = argumentsOf(draft, { name: call.tool, toolHash }, call.arguments);
  if ('class' in made) return observe(draft, place, call, { result: 'failed', failure: made });
  const refused = requestProposed(draft, place, tool, { ...call, ...made });
  if (refused !== undefined) fallBack(draft, place, refused);
}

type Result = Pick<Observation, 'result' | 'output' | 'failure'>;

function observe(
  draft: DecisionDraft,
  place: StepIndex,
  { tool, arguments: args, occurrence }: ProposedCall,
  result: Result,
): undefined {
  const { round, next: index } = agentOf(draft, place).answer!;
  const step = definitionOf(draft, place).id;
  const about = { round, index, tool, arguments: args, occurrence };
  draft.emit(AgentObserved({ step, observation: { ...about, ...result } }));
}

/** A call that was made has ended, and its outcome is allowed. */
export function callSucceeded(draft: DecisionDraft, acting: StepIndex): undefined {
  observeActing(draft, acting, {
    result: 'succeeded',
    output: shortened(draft.step(acting).output ?? null),
  });
}

/** A call that was made, or was to be made, has come to nothing. */
export function callFailed(draft: DecisionDraft, acting: StepIndex, failure: Failure): undefined {
  const result = failure.class === 'denied' ? 'denied' : 'failed';
  observeActing(draft, acting, { result, failure });
}

/** A person went on from a call without what it was to give. */
export const callSkipped = (
  draft: DecisionDraft,
  acting: StepIndex,
  result: 'unknown' | 'unusable' | 'failed',
  failure: Failure,
): undefined => observeActing(draft, acting, { result, failure });

function observeActing(draft: DecisionDraft, acting: StepIndex, result: Result): undefined {
  const { owner } = draft.step(acting).acts!;
  const { answer, place } = agentOf(draft, owner);
  if (place !== acting) return;
  observe(draft, owner, answer!.proposal.calls[answer!.next]!, result);
}

function shortened(output: unknown): unknown {
  const text = JSON.stringify(output);
  return text.length <= OBSERVED_CHARS_MAX ? output : `${text.slice(0, OBSERVED_CHARS_MAX)} ... (cut)`;
}

/**
 * The model does not act any more. Rules may do so in its stead, unless something has been written already, or the run
 * has no time left.
 */
export function fallBack(draft: DecisionDraft, place: StepIndex, failure: Failure): undefined {
  draft.emit(AgentFellBack({ step: definitionOf(draft, place).id, failure }));
  const isTooLate = draft.isOverdue || agentOf(draft, place).wrote === true;
  if (isTooLate) return failStep(draft, place, failure);
  decideByBaseline(draft, place);
}

/** The rules of the step decide. */
export function decideByBaseline(draft: DecisionDraft, place: StepIndex): undefined {
  const definition = definitionOf(draft, place);
  const { table, with: template } = definition.agent.baseline;
  let decision: ReturnType<typeof decideByTable>;
  try {
    const scope = scopeOf(draft.state, draft.workflow.named[place]!);
    const input = template === undefined ? scope.input : resolve(template, scope, ['baseline', 'with']);
    decision = decideByTable(table, { ...scope, input });
  } catch (error) {
    return failStep(draft, place, expressionFailure(error));
  }
  if ('noMatch' in decision) {
    const message = `no rule of ${table.name}@${table.version} matches`;
    return failStep(draft, place, { class: 'domain', code: 'no_rule_matched', message });
  }
  const { ruleIndex, ruleId, output } = decision;
  const broken = outputProblem(definition, output);
  if (broken !== undefined) return failStep(draft, place, broken);
  const detail = ruleId ?? (ruleIndex < 0 ? 'otherwise' : `rules[${ruleIndex}]`);
  draft.emit(StepCompleted({ step: definition.id, output, via: 'baseline', detail }));
  completeStep(draft, place);
}
