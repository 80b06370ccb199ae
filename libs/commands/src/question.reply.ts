import type { Identity } from '@interlock/contracts';
import type { Run, RunCommandBody } from '@interlock/contracts/http';
import { refusedAs } from './problem.js';

type Reply = Extract<RunCommandBody, { type: 'reply' }>;

/** Who gives a command: a person, or the signed event of a trigger in its publisher’s name. */
export interface Giver {
  readonly by: Identity;
  readonly trigger?: string;
}

/**
 * Refuses an answer that the question does not take, as far as the run shows it; the run decides.
 * @throws {Problem} conflict: nobody waits for an answer to it; not allowed: it is for somebody else
 */
export function refuseReply({ waitingFor = [] }: Run, { question }: Reply, { by, trigger }: Giver): void {
  const asked = waitingFor.find((wait) => wait.question?.id === question)?.question;
  if (asked === undefined)
    throw refusedAs(
      'conflict',
      'question.not_open',
      'Nobody waits for an answer to this question (any more).',
    );
  const isTheirs =
    trigger === undefined ? asked.to === by.sub || by.roles.includes('operator') : asked.trigger === trigger;
  if (!isTheirs) throw refusedAs('not-allowed', 'question.person', 'This question is for somebody else.');
}
