import { nextOf } from '../due.js';
import type { StepKind } from '../step/kind.js';
import { stepAt } from '../step/steps.js';
import { findAgent } from './agents.js';
import { expireQuestion, openQuestionOf, questionIdOf } from './conversation.js';
import { drive, fallBack, isIdle } from './decide.js';
import { agentStopped, restedAgent } from './evolve.js';
import { abandonPlan } from './plans.js';
import { startAgent } from './start.js';
import { agentWait, questionWait } from './waiting.js';
import { agentIn, agentWork } from './work.js';

/** A model proposes calls, within the list, the budgets and the rounds of the step; rules act where it does not get there. */
export const agentKind: StepKind = {
  starts: { 'agent.started': ['running'] },
  expressions(definition) {
    if (definition.kind !== 'agent') return [];
    const { goal, facts, baseline, ask } = definition.agent;
    return [goal, facts ?? [...definition.needs, 'input'], baseline, ask?.to];
  },
  start: startAgent,
  drive,
  wait(state, step, tell) {
    const agent = findAgent(state, step);
    const { deadline } = state.origin;
    if (agent === undefined) return tell('call', 'its turn', deadline);
    const question = openQuestionOf(state, step);
    return question === undefined
      ? agentWait(agent, deadline, tell)
      : questionWait(question, questionIdOf(state, question), tell);
  },
  due(state, step, settings) {
    const agent = findAgent(state, step);
    const isRunning = stepAt(state, step).at.status === 'running';
    const question = openQuestionOf(state, step);
    if (question !== undefined) return isRunning ? [question.until] : [];
    const goesRound = agent !== undefined && isRunning && isIdle(agent) && state.paused === null;
    return goesRound ? nextOf(agent.at, state.time, settings, state.time) : [];
  },
  onTimer: expireQuestion,
  // Its rules may still act, because they take no time.
  onTimeout(draft, step, failure) {
    if (draft.state.openPlans.includes(step)) return abandonPlan(draft, step, failure);
    return fallBack(draft, step, failure);
  },
  call(work) {
    const at = agentIn(work)?.at;
    return at?.phase === 'acting' ? at.call : undefined;
  },
  rested(work) {
    const agent = agentIn(work);
    return agent && agentWork(restedAgent(agent));
  },
  stopped: agentStopped,
  gives: {
    fields: ['agent'],
    schema: (definition) =>
      definition.kind === 'agent' && definition.agent.output !== undefined
        ? { schema: definition.agent.output }
        : {},
  },
};
