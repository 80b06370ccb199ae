import type { Identity } from '@interlock/contracts';
import type { Run, RunCommandBody } from '@interlock/contracts/http';
import { refusedAs } from './problem.js';

type Reply = Extract<RunCommandBody, { type: 'reply' }>;

/**
 * Refuses an answer that the question does not take, as far as the run shows it; the run decides.
 * @throws {Problem} conflict: nobody waits for an answer to it; not allowed: it is for somebody else
 */
export function refuseReply({ waitingFor = [] }: Run, { question }: Reply, { sub, roles }: Identity): void {
  const asked = waitingFor.find((wait) => wait.question?.id === question)?.question;
  if (asked === undefined)
    throw refusedAs(
      'conflict',
      'question.not_open',
      'Nobody waits for an answer to this question (any more).',
    );
  if (asked.to === sub || roles.includes('operator')) return;
  throw refusedAs('not-allowed', 'question.person', 'This question is for somebody else.');
}
