import { stopText, type Tell, type WaitingFor } from '../waiting.js';
import type { AgentState } from './state.js';

/** What an agent step waits for while none of its calls is under way. */
export function agentWait({ at }: AgentState, deadline: number, tell: Tell): WaitingFor {
  switch (at.phase) {
    case 'stopped':
      return tell('stop', stopText(at.stop), deadline);
    case 'asked':
      return tell('plan', `a proposal of ${at.plan.model}`, at.plan.notAfter + at.plan.timeoutMs);
    case 'proposed':
      return tell('plan', 'the check of what was proposed', deadline);
    case 'retry':
      return tell('plan', 'the planner to be asked again', at.due);
    case 'ready':
    case 'acting':
      return tell('plan', 'its turn', deadline);
  }
}
