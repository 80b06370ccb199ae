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
import type { Emitter } from '../emitter.js';
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

const agentOf = (emitter: Emitter, place: StepIndex): AgentState => emitter.step(place).agent!;
const definitionOf = (emitter: Emitter, place: StepIndex) => emitter.definition(place) as CompiledAgentStep;

/** Whether the step waits for nobody: what is next is up to this run. */
export const isIdle = ({ plan, answer, place }: AgentState): boolean =>
  plan === undefined && place === undefined && (answer === undefined || answer.isAllowed === true);

/** Takes every agent step as far as it can go now. */
export function driveAgents(emitter: Emitter): undefined {
  for (const place of emitter.state.active) {
    if (emitter.step(place).agent !== undefined) drive(emitter, place);
  }
}

function drive(emitter: Emitter, place: StepIndex): undefined {
  while (!emitter.isEnding && !emitter.isFull && emitter.step(place).status === 'running') {
    const agent = agentOf(emitter, place);
    if (!isIdle(agent) || isHeldBack(emitter, agent)) return;
    if (emitter.now >= deadlineOf(emitter, place)) return fallBack(emitter, place, timedOut(emitter, place));
    const { answer } = agent;
    if (answer === undefined) requestPlan(emitter, place, 'act');
    else carryOut(emitter, place, answer);
  }
}

/** Its next request has its time, or is stopped. */
const isHeldBack = ({ now, settings }: Emitter, { due, stop }: AgentState): boolean =>
  stop === undefined ? due !== undefined && now < due : !settings.isLifted(stop.number);

function carryOut(emitter: Emitter, place: StepIndex, answer: PlanAnswer): undefined {
  const { agent: definition } = definitionOf(emitter, place);
  const { proposal, next, purpose } = answer;
  const { calls, output, confidence } = proposal;
  if (confidence < definition.minConfidence) return fallBack(emitter, place, unsure(confidence, definition));
  if (next === 0 && isLoop(emitter, place, answer)) return fallBack(emitter, place, LOOP);
  if (next < calls.length) return act(emitter, place, answer, calls[next]!);
  if (output === undefined || hasFailed(emitter, place, answer)) return requestPlan(emitter, place, 'act');
  const { reflected } = agentOf(emitter, place);
  if (reflected < definition.reflectRounds) return requestPlan(emitter, place, 'reflect');
  const step = definitionOf(emitter, place).id;
  emitter.emit(StepCompleted({ step, output, via: 'agent', detail: `${purpose} ${answer.model}` }));
  completeStep(emitter, place);
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
function isLoop(emitter: Emitter, place: StepIndex, { proposal }: PlanAnswer): boolean {
  const agent = agentOf(emitter, place);
  return proposal.output === undefined && proposal.calls.every((call) => wasProposed(agent, call));
}

const resultsOf = ({ observed }: AgentState, { round }: PlanAnswer): Observation[] =>
  observed.filter((earlier) => earlier.round === round);

/** An output that was proposed together with calls counts on them. */
const hasFailed = (emitter: Emitter, place: StepIndex, answer: PlanAnswer): boolean =>
  resultsOf(agentOf(emitter, place), answer).some(
    ({ result }) => result !== 'succeeded' && result !== 'repeated',
  );

/** Makes the call whose turn it is, or says why it is not made. */
function act(emitter: Emitter, place: StepIndex, answer: PlanAnswer, call: ProposedCall): undefined {
  const agent = agentOf(emitter, place);
  if (hasFailed(emitter, place, answer)) return observe(emitter, place, call, { result: 'skipped' });
  if (wasProposed(agent, call)) return observe(emitter, place, call, { result: 'repeated' });
  const { tools } = definitionOf(emitter, place).agent;
  const tool = tools.findIndex(({ tool: name }) => name === call.tool);
  if (tool < 0) return observe(emitter, place, call, { result: 'unlisted' });
  const { toolHash } = tools[tool]!;
  const made = argumentsOf(emitter, { name: call.tool, toolHash }, call.arguments);
  if ('class' in made) return observe(emitter, place, call, { result: 'failed', failure: made });
  const refused = requestProposed(emitter, place, tool, { ...call, ...made });
  if (refused !== undefined) fallBack(emitter, place, refused);
}

type Result = Pick<Observation, 'result' | 'output' | 'failure'>;

function observe(
  emitter: Emitter,
  place: StepIndex,
  { tool, arguments: args, occurrence }: ProposedCall,
  result: Result,
): undefined {
  const { round, next: index } = agentOf(emitter, place).answer!;
  const step = definitionOf(emitter, place).id;
  const about = { round, index, tool, arguments: args, occurrence };
  emitter.emit(AgentObserved({ step, observation: { ...about, ...result } }));
}

/** A call that was made has ended, and its outcome is allowed. */
export function callSucceeded(emitter: Emitter, acting: StepIndex): undefined {
  observeActing(emitter, acting, {
    result: 'succeeded',
    output: shortened(emitter.step(acting).output ?? null),
  });
}

/** A call that was made, or was to be made, has come to nothing. */
export function callFailed(emitter: Emitter, acting: StepIndex, failure: Failure): undefined {
  const result = failure.class === 'denied' ? 'denied' : 'failed';
  observeActing(emitter, acting, { result, failure });
}

/** A person went on from a call without what it was to give. */
export const callSkipped = (
  emitter: Emitter,
  acting: StepIndex,
  result: 'unknown' | 'unusable' | 'failed',
  failure: Failure,
): undefined => observeActing(emitter, acting, { result, failure });

function observeActing(emitter: Emitter, acting: StepIndex, result: Result): undefined {
  const { owner } = emitter.step(acting).acts!;
  const { answer, place } = agentOf(emitter, owner);
  if (place !== acting) return;
  observe(emitter, owner, answer!.proposal.calls[answer!.next]!, result);
}

function shortened(output: unknown): unknown {
  const text = JSON.stringify(output);
  return text.length <= OBSERVED_CHARS_MAX ? output : `${text.slice(0, OBSERVED_CHARS_MAX)} ... (cut)`;
}

/**
 * The model does not act any more. Rules may do so in its stead, unless something has been written already, or the run
 * has no time left.
 */
export function fallBack(emitter: Emitter, place: StepIndex, failure: Failure): undefined {
  emitter.emit(AgentFellBack({ step: definitionOf(emitter, place).id, failure }));
  const isTooLate = emitter.isOverdue || agentOf(emitter, place).wrote === true;
  if (isTooLate) return failStep(emitter, place, failure);
  decideByBaseline(emitter, place);
}

/** The rules of the step decide. */
export function decideByBaseline(emitter: Emitter, place: StepIndex): undefined {
  const definition = definitionOf(emitter, place);
  const { table, with: template } = definition.agent.baseline;
  let decision: ReturnType<typeof decideByTable>;
  try {
    const scope = scopeOf(emitter.state, emitter.plan.named[place]!);
    const input = template === undefined ? scope.input : resolve(template, scope, ['baseline', 'with']);
    decision = decideByTable(table, { ...scope, input });
  } catch (error) {
    return failStep(emitter, place, expressionFailure(error));
  }
  if ('noMatch' in decision) {
    const message = `no rule of ${table.name}@${table.version} matches`;
    return failStep(emitter, place, { class: 'domain', code: 'no_rule_matched', message });
  }
  const { ruleIndex, ruleId, output } = decision;
  const broken = outputProblem(definition, output);
  if (broken !== undefined) return failStep(emitter, place, broken);
  const detail = ruleId ?? (ruleIndex < 0 ? 'otherwise' : `rules[${ruleIndex}]`);
  emitter.emit(StepCompleted({ step: definition.id, output, via: 'baseline', detail }));
  completeStep(emitter, place);
}
