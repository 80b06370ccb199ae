import type {
  AgentFellBack,
  AgentObserved,
  AgentStarted,
  CallRequested,
  MessageOf,
  PlanRecorded,
  PlanRequested,
  PlanRetryScheduled,
  VerdictRecorded,
} from '@interlock/contracts';
import type { CompiledAgentStep, CompiledToolStep } from '@interlock/language';
import { microUsd } from '../budget.js';
import { added, dropped, putStep, spend, startStep, without } from '../edit.js';
import type { StepIndex } from '../indices.js';
import { definitionAt, stepAt, workflowIndexOf } from '../scope/workflow.index.js';
import type { RunState } from '../state.js';
import { nextIndex, pushItem } from '../tree.js';
import type { AgentState } from './state.js';

type Data<Definition> = MessageOf<Definition> extends { data: infer D } ? D : never;

export const agentAt = (state: RunState, place: StepIndex): AgentState => stepAt(state, place).agent!;

/** The agent step itself, also while one of its calls is under way. */
const ownPlace = (state: RunState, step: string): StepIndex =>
  workflowIndexOf(state.origin.compiled).placeOf.get(step)!;

export const putAgent = (state: RunState, place: StepIndex, agent: AgentState): RunState =>
  putStep(state, place, { agent });

const changed = (state: RunState, place: StepIndex, change: Partial<AgentState>): RunState =>
  putAgent(state, place, { ...agentAt(state, place), ...change });

const NEW = { rounds: 0, failures: 0, reflected: 0, observed: [], tokens: 0, microUsd: 0, toolCalls: 0 };

/** A step that a person has it try again keeps what it has seen and used. */
export function agentStarted(state: RunState, { step, level, model }: Data<typeof AgentStarted>): RunState {
  const place = ownPlace(state, step);
  const started = startStep(state, place, 'running');
  const before = stepAt(state, place).agent;
  const agent = { ...NEW, ...before, level, ...(model === undefined ? {} : { model }) };
  return putAgent(started, place, agent);
}

/** Ends whatever a try of the step had open, but not what it knows. */
export const restedAgent = (agent: AgentState): AgentState => ({
  ...without(agent, 'answer', 'place', 'due', 'stop'),
  failures: 0,
});

export function planRequested(state: RunState, data: Data<typeof PlanRequested>): RunState {
  const place = ownPlace(state, data.step);
  const agent = agentAt(state, place);
  const { round, purpose, model, callHash: hash, notAfter, timeoutMs, reserved } = data;
  const cost = microUsd(reserved.costUsd);
  const plan = {
    seq: state.seq,
    round,
    purpose,
    model,
    hash,
    tokens: reserved.tokens,
    microUsd: cost,
    notAfter,
    timeoutMs,
  };
  const { reservedTokens, reservedMicroUsd } = state.spent;
  const spent = spend(state, {
    reservedTokens: reservedTokens + reserved.tokens,
    reservedMicroUsd: reservedMicroUsd + cost,
  });
  const reflected = purpose === 'reflect' && data.attempt === 1 ? agent.reflected + 1 : agent.reflected;
  const asked = { ...without(agent, 'due', 'stop', 'answer'), plan, rounds: round, reflected };
  return putAgent({ ...spent, openPlans: added(state.openPlans, place) }, place, asked);
}

export function planRecorded(state: RunState, data: Data<typeof PlanRecorded>): RunState {
  const place = ownPlace(state, data.step);
  const agent = agentAt(state, place);
  const { seq: planSeq, tokens, microUsd: reserved, round } = agent.plan!;
  const cost = microUsd(data.charged.costUsd);
  const { spent } = state;
  const settled = spend(state, {
    tokens: spent.tokens + data.charged.tokens,
    reservedTokens: spent.reservedTokens - tokens,
    microUsd: spent.microUsd + cost,
    reservedMicroUsd: spent.reservedMicroUsd - reserved,
  });
  const used: AgentState = {
    ...without(agent, 'plan'),
    tokens: agent.tokens + data.charged.tokens,
    microUsd: agent.microUsd + cost,
  };
  const next = { ...settled, openPlans: dropped(state.openPlans, place) };
  const { outcome, purpose, model } = data;
  if (outcome.kind !== 'proposed' || purpose === 'shadow') {
    const failures = agent.failures + (outcome.kind === 'failed' ? 1 : 0);
    return putAgent(next, place, { ...used, failures });
  }
  const { proposal } = outcome;
  const answer = { seq: state.seq, planSeq, round, purpose, model, proposal, next: 0 };
  return putAgent(next, place, { ...used, failures: 0, answer });
}

export function planRetryScheduled(state: RunState, data: Data<typeof PlanRetryScheduled>): RunState {
  const place = ownPlace(state, data.step);
  const agent = agentAt(state, place);
  const failures = agent.model === data.model ? agent.failures : 0;
  return putAgent(state, place, { ...agent, model: data.model, failures, due: data.due });
}

/** A verdict on a request, or on what was proposed. */
export function planJudged(state: RunState, data: Data<typeof VerdictRecorded>): RunState {
  if (data.verdict !== 'allow' || data.approval !== undefined) return state;
  const place = ownPlace(state, data.step);
  const { plan, answer } = agentAt(state, place);
  if (data.point === 'before' && plan !== undefined) {
    return changed(state, place, { plan: { ...plan, isAllowed: true } });
  }
  return answer === undefined ? state : changed(state, place, { answer: { ...answer, isAllowed: true } });
}

/** The place of the proposed call under way, or a new one for the call whose turn it is. */
export function actingPlace(
  state: RunState,
  data: Data<typeof CallRequested>,
): readonly [RunState, StepIndex] {
  const owner = ownPlace(state, data.step);
  const agent = agentAt(state, owner);
  if (agent.place !== undefined) return [state, agent.place];
  const place = nextIndex(state.steps);
  const { tools } = (definitionAt(state, owner) as CompiledAgentStep).agent;
  const acts = {
    owner,
    tool: tools.findIndex(({ toolHash }) => toolHash === data.toolHash),
    round: agent.answer!.round,
    index: data.agent!.index,
    occurrence: data.occurrence,
  };
  const began = { since: state.time, startedAt: state.time, generation: data.generation };
  const steps = pushItem(state.steps, { status: 'pending', unmet: 0, acts, ...began });
  return [changed({ ...state, steps }, owner, { place }), place];
}

/** A proposed call that was made has ended, or it will not be made. The next one has its turn. */
export function agentObserved(state: RunState, data: Data<typeof AgentObserved>): RunState {
  const owner = ownPlace(state, data.step);
  const agent = agentAt(state, owner);
  const { place, answer } = agent;
  const observed: AgentState = {
    ...without(agent, 'place'),
    observed: [...agent.observed, data.observation],
    ...(answer === undefined ? {} : { answer: { ...answer, next: data.observation.index + 1 } }),
    ...(place !== undefined && hasWritten(state, place) ? { wrote: true } : {}),
  };
  const next = putAgent(state, owner, observed);
  if (place === undefined) return next;
  const status = data.observation.result === 'succeeded' ? 'completed' : 'failed';
  const closed = putStep(next, place, { status, since: state.time });
  return { ...closed, active: dropped(state.active, place) };
}

function hasWritten(state: RunState, place: StepIndex): boolean {
  const { effect } = definitionAt(state, place) as CompiledToolStep;
  const { call } = stepAt(state, place);
  return effect === 'write' && (call?.result === 'happened' || call?.result === 'abandoned');
}

/** What a proposed call cost counts for its step too. */
export function chargeAgent(state: RunState, place: StepIndex, calls: number, cost: number): RunState {
  const { owner } = stepAt(state, place).acts!;
  const { toolCalls, microUsd: used } = agentAt(state, owner);
  return changed(state, owner, { toolCalls: toolCalls + calls, microUsd: used + cost });
}

export function agentFellBack(state: RunState, { step, failure }: Data<typeof AgentFellBack>): RunState {
  const place = ownPlace(state, step);
  const agent = without(agentAt(state, place), 'answer', 'due', 'stop');
  return putStep(state, place, { agent: { ...agent, level: 'baseline' }, failure });
}
