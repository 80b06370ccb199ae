import type { Work } from '../step/state.js';
import type { AgentState } from './state.js';

interface AgentWork extends Work {
  readonly kind: 'agent';
  readonly agent: AgentState;
}

export const agentWork = (agent: AgentState): AgentWork => ({ kind: 'agent', agent });

const isAgent = (work: Work | undefined): work is AgentWork => work?.kind === 'agent';

/** undefined: it has not begun, or is of another kind. */
export const agentIn = (work: Work | undefined): AgentState | undefined =>
  isAgent(work) ? work.agent : undefined;
