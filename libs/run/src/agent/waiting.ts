import { stopText, type Tell, type WaitingFor } from '../waiting.js';
import type { AgentState, OpenQuestion } from './state.js';

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
    case 'asking':
      return tell('plan', 'its turn', deadline);
  }
}

const QUESTION_SHOWN_CHARS = 300;

/** What it waits for while whom it serves is to answer. */
export function questionWait(
  { to, channel, text, since, until }: OpenQuestion,
  id: string,
  tell: Tell,
): WaitingFor {
  const shown = text.slice(0, QUESTION_SHOWN_CHARS).toWellFormed();
  const wait = tell('conversation', `${to}: ${shown}`, until);
  const from = channel.kind === 'webhook' ? { trigger: channel.trigger } : {};
  return { ...wait, since, question: { id, to, channel: channel.kind, ...from, text } };
}
