import type { StepIndex } from '../indices.js';
import { stepIn } from '../scope/workflow.index.js';
import type { RunState } from '../state.js';
import { putStep, stepAt } from '../step/steps.js';
import type { AgentPhase, AgentState, OpenPlan } from './state.js';
import { agentIn, agentWork } from './work.js';

/** undefined: the step is not an agent step, or has not started. */
export function findAgent(state: RunState, step: StepIndex): AgentState | undefined {
  const { work } = stepAt(state, step);
  return agentIn(work);
}

/** @throws the step is not an agent step, or has not started */
export function agentAt(state: RunState, step: StepIndex): AgentState {
  const agent = findAgent(state, step);
  if (agent === undefined) throw new Error(`no agent acts in step ${stepIn(state, step).definition.id}`);
  return agent;
}

export const setAgent = (state: RunState, step: StepIndex, agent: AgentState): RunState =>
  putStep(state, step, { work: agentWork(agent) });

export const putAgent = (state: RunState, step: StepIndex, change: Partial<AgentState>): RunState =>
  setAgent(state, step, { ...agentAt(state, step), ...change });

export const enterAgent = (state: RunState, step: StepIndex, at: AgentPhase): RunState =>
  putAgent(state, step, { at });

/** The request to the planner that nobody has answered; undefined: there is none. */
export const openPlanOf = ({ at }: AgentState): OpenPlan | undefined =>
  at.phase === 'asked' ? at.plan : undefined;

/** @throws the step has no such request */
export function openPlanAt(state: RunState, step: StepIndex): OpenPlan {
  const plan = openPlanOf(agentAt(state, step));
  if (plan === undefined) throw new Error(`nothing is asked of a planner for step ${step}`);
  return plan;
}
