import type { Machine } from '../machine.js';
import { isStanding } from '../step/steps.js';
import { indicesOf } from '../tree.js';
import { findAgent } from './agents.js';
import type { AgentPhase, AgentState } from './state.js';

/** `none`: it has not started. `calling`: one of the calls that it proposed is under way. */
type Phase = AgentPhase['phase'] | 'none' | 'calling';

/** Its run had ended, however far it was, and is taken up again. */
const anew = { 'run.reopened': ['ready'] } as const;

/** The rounds of an agent step. */
export const agentMachine: Machine<Phase> = {
  table: {
    none: { 'agent.started': ['ready'] },
    ready: {
      'plan.requested': ['asked'],
      'plan.retry_scheduled': ['retry'],
      'step.stopped': ['stopped'],
    },
    // Asked again at its time.
    retry: { 'plan.requested': ['asked'], 'agent.fell_back': ['ready'], ...anew },
    // Asked again once the stop is lifted.
    stopped: { 'plan.requested': ['asked'], 'agent.fell_back': ['ready'], ...anew },
    // Nothing of a shadow's proposal is carried out.
    asked: { 'plan.recorded: proposed': ['proposed', 'ready'], 'plan.recorded: failed': ['ready'] },
    proposed: {
      'verdict.recorded': ['acting'],
      'agent.fell_back': ['ready'],
      ...anew,
    },
    acting: {
      'call.requested': ['calling'],
      'plan.requested': ['asked'],
      'question.asked': ['asking'],
      'agent.fell_back': ['ready'],
      ...anew,
    },
    // Answered or not, the model is asked again.
    asking: { 'question.answered': ['ready'], 'question.unanswered': ['ready'], ...anew },
    calling: { 'agent.observed': ['acting'], ...anew },
  },
  before: 'none',
  phases: (state) =>
    indicesOf(state.steps).map((step) =>
      isStanding(state, step) ? phaseOf(findAgent(state, step)) : undefined,
    ),
  input(event) {
    if (event.type === 'plan.recorded') return `plan.recorded: ${event.data.outcome.kind}`;
    return event.type;
  },
};

function phaseOf(agent: AgentState | undefined): Phase {
  if (agent === undefined) return 'none';
  return agent.at.phase === 'acting' && agent.at.call !== undefined ? 'calling' : agent.at.phase;
}
