import type { StopNote } from '@interlock/contracts';
import { microUsd, spend } from '../budget.js';
import { callAt, forgetOutput, happenedOf } from '../call/calls.js';
import type { For } from '../call/state.js';
import type { DataOf, EvolveBy } from '../evolving.js';
import type { CallIndex, StepIndex } from '../indices.js';
import { added, dropped } from '../lists.js';
import { calledAt } from '../scope/called.js';
import { definitionAt } from '../scope/definition.js';
import type { RunState } from '../state.js';
import { startStep, stepNamed } from '../step/steps.js';
import { agentAt, enterAgent, findAgent, openPlanAt, putAgent, setAgent } from './agents.js';
import type { AgentState } from './state.js';

const NEW: Omit<AgentState, 'level'> = {
  rounds: 0,
  failures: 0,
  reflected: 0,
  observed: [],
  tokens: 0,
  microUsd: 0,
  toolCalls: 0,
  at: { phase: 'ready' },
};

/** A step that is retried by a person keeps what it has seen and used. */
function agentStarted(state: RunState, { step: id, level, model }: DataOf<'agent.started'>): RunState {
  const step = stepNamed(state, id);
  const before = findAgent(state, step);
  const agent = { ...NEW, ...before, level, ...(model === undefined ? {} : { model }) };
  return setAgent(startStep(state, step, 'running'), step, agent);
}

/** Ends what an attempt of the step had open, and keeps what it knows. */
export const restedAgent = (agent: AgentState): AgentState => ({
  ...agent,
  failures: 0,
  at: agent.at.phase === 'asked' ? agent.at : { phase: 'ready' },
});

function planRequested(state: RunState, data: DataOf<'plan.requested'>): RunState {
  const step = stepNamed(state, data.step);
  const agent = agentAt(state, step);
  const { round, purpose, model, callHash: hash, notAfter, timeoutMs, reserved } = data;
  const cost = microUsd(reserved.costUsd);
  const about = { seq: state.seq, round, purpose, model, hash, notAfter, timeoutMs };
  const plan = { ...about, tokens: reserved.tokens, microUsd: cost };
  const { reservedTokens, reservedMicroUsd } = state.spent;
  const spent = spend(state, {
    reservedTokens: reservedTokens + reserved.tokens,
    reservedMicroUsd: reservedMicroUsd + cost,
  });
  const reflected = purpose === 'reflect' && data.attempt === 1 ? agent.reflected + 1 : agent.reflected;
  const asked = { ...spent, openPlans: added(state.openPlans, step) };
  return putAgent(asked, step, { rounds: round, reflected, at: { phase: 'asked', plan } });
}

function planRecorded(state: RunState, data: DataOf<'plan.recorded'>): RunState {
  const step = stepNamed(state, data.step);
  const agent = agentAt(state, step);
  const { seq: planSeq, tokens, microUsd: reserved, round } = openPlanAt(state, step);
  const cost = microUsd(data.charged.costUsd);
  const { spent } = state;
  const settled = spend(state, {
    tokens: spent.tokens + data.charged.tokens,
    reservedTokens: spent.reservedTokens - tokens,
    microUsd: spent.microUsd + cost,
    reservedMicroUsd: spent.reservedMicroUsd - reserved,
  });
  const next = { ...settled, openPlans: dropped(state.openPlans, step) };
  const used = { tokens: agent.tokens + data.charged.tokens, microUsd: agent.microUsd + cost };
  const { outcome, purpose, model } = data;
  if (outcome.kind !== 'proposed' || purpose === 'shadow') {
    const failures = agent.failures + (outcome.kind === 'failed' ? 1 : 0);
    return putAgent(next, step, { ...used, failures, at: { phase: 'ready' } });
  }
  const { proposal } = outcome;
  const answer = { seq: state.seq, planSeq, round, purpose, model, proposal, next: 0 };
  return putAgent(next, step, { ...used, failures: 0, at: { phase: 'proposed', answer } });
}

function planRetryScheduled(
  state: RunState,
  { step: id, model, due }: DataOf<'plan.retry_scheduled'>,
): RunState {
  const step = stepNamed(state, id);
  const agent = agentAt(state, step);
  const failures = agent.model === model ? agent.failures : 0;
  return putAgent(state, step, { model, failures, at: { phase: 'retry', due } });
}

/** Nothing was asked, so it does not count as a failure. */
export function agentStopped(state: RunState, step: StepIndex, stop: StopNote): RunState {
  const agent = findAgent(state, step);
  if (agent === undefined) return state;
  return putAgent(state, step, { failures: Math.max(0, agent.failures - 1), at: { phase: 'stopped', stop } });
}

/** A verdict on a request, or on what was proposed. */
export function planJudged(state: RunState, data: DataOf<'verdict.recorded'>): RunState {
  if (data.verdict !== 'allow' || data.approval !== undefined) return state;
  const step = stepNamed(state, data.step);
  const { at } = agentAt(state, step);
  if (data.point === 'before')
    return at.phase === 'asked'
      ? enterAgent(state, step, { ...at, plan: { ...at.plan, isAllowed: true } })
      : state;
  return at.phase === 'proposed' ? enterAgent(state, step, { phase: 'acting', answer: at.answer }) : state;
}

/** The call of a round that a request is for. @param index of the call in its proposal */
export function proposedCall(
  state: RunState,
  { step: id, toolHash }: DataOf<'call.requested'>,
  index: number,
): For {
  const step = stepNamed(state, id);
  const { at } = agentAt(state, step);
  if (at.phase !== 'acting') throw new Error(`step ${id} carries out no proposal`);
  const { tools } = definitionAt(state, step, 'agent').agent;
  const tool = tools.findIndex((listed) => listed.toolHash === toolHash);
  return { owner: { kind: 'agent', step, round: at.answer.round, index, tool }, call: at.call };
}

/** It is under way. */
export function callProposed(state: RunState, step: StepIndex, call: CallIndex): RunState {
  const { at } = agentAt(state, step);
  return at.phase === 'acting' ? enterAgent(state, step, { ...at, call }) : state;
}

/** A proposed call that was made has ended, or it will not be made. The next one follows. */
function agentObserved(state: RunState, data: DataOf<'agent.observed'>): RunState {
  const step = stepNamed(state, data.step);
  const agent = agentAt(state, step);
  const observed = [...agent.observed, data.observation];
  if (agent.at.phase !== 'acting') return putAgent(state, step, { observed });
  const { answer, call } = agent.at;
  const wrote = call !== undefined && hasWritten(state, call) ? ({ wrote: true } as const) : {};
  const next = { ...answer, next: data.observation.index + 1 };
  return putAgent(forgetOutput(state, call), step, {
    observed,
    ...wrote,
    at: { phase: 'acting', answer: next },
  });
}

function hasWritten(state: RunState, call: CallIndex): boolean {
  const made = callAt(state, call);
  const mayStand = happenedOf(made) !== undefined || made.at.phase === 'abandoned';
  return calledAt(state, call).effect === 'write' && mayStand;
}

/** What a proposed call cost counts for its step too. */
export function chargeAgent(state: RunState, step: StepIndex, tool: string, cost: number): RunState {
  const { toolCalls, microUsd: used, byTool = {} } = agentAt(state, step);
  const { calls = {} } = definitionAt(state, step, 'agent').agent.budget;
  const counted = calls[tool] === undefined ? {} : { byTool: { ...byTool, [tool]: (byTool[tool] ?? 0) + 1 } };
  return putAgent(state, step, { toolCalls: toolCalls + 1, microUsd: used + cost, ...counted });
}

function agentFellBack(state: RunState, { step: id }: DataOf<'agent.fell_back'>): RunState {
  const step = stepNamed(state, id);
  const { at } = agentAt(state, step);
  return putAgent(state, step, { level: 'baseline', at: at.phase === 'asked' ? at : { phase: 'ready' } });
}

export const agentEvents: EvolveBy<
  | 'agent.started'
  | 'agent.observed'
  | 'agent.fell_back'
  | 'plan.requested'
  | 'plan.recorded'
  | 'plan.retry_scheduled'
> = {
  'agent.started': agentStarted,
  'agent.observed': agentObserved,
  'agent.fell_back': agentFellBack,
  'plan.requested': planRequested,
  'plan.recorded': planRecorded,
  'plan.retry_scheduled': planRetryScheduled,
};
