import type { DataOf, EvolveBy } from '../evolving.js';
import type { StepIndex } from '../indices.js';
import type { RunState } from '../state.js';
import { shapeStep, stepNamed } from '../step/steps.js';
import { agentAt, enterAgent, putAgent } from './agents.js';

function questionAsked(
  state: RunState,
  { step: id, to, channel, text, until }: DataOf<'question.asked'>,
): RunState {
  const step = stepNamed(state, id);
  const { at } = agentAt(state, step);
  if (at.phase !== 'acting') return state;
  const question = { seq: state.seq, round: at.answer.round, to, channel, text, until, since: state.time };
  return enterAgent(state, step, { phase: 'asking', question });
}

/** Whoever answers has shaped what follows, and so has the person for whom another one did. */
function questionAnswered(state: RunState, { step: id, by, text }: DataOf<'question.answered'>): RunState {
  const step = stepNamed(state, id);
  const { at } = agentAt(state, step);
  if (at.phase !== 'asking') return state;
  return shapeStep(settled(state, step, text), step, by.sub, at.question.to);
}

const questionUnanswered = (state: RunState, { step }: DataOf<'question.unanswered'>): RunState =>
  settled(state, stepNamed(state, step));

function settled(state: RunState, step: StepIndex, answer?: string): RunState {
  const { at, asked = [] } = agentAt(state, step);
  if (at.phase !== 'asking') return state;
  const { round, text: question } = at.question;
  const known = answer === undefined ? { round, question } : { round, question, answer };
  return putAgent(state, step, { asked: [...asked, known], at: { phase: 'ready' } });
}

export const conversationEvents: EvolveBy<'question.asked' | 'question.answered' | 'question.unanswered'> = {
  'question.asked': questionAsked,
  'question.answered': questionAnswered,
  'question.unanswered': questionUnanswered,
};
