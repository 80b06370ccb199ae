import type { MessageDefinition } from '@interlock/contracts';
import type { Bearer, OwnerAnswer, OwnerCaller, OwnerCommand } from '@interlock/service';
import { notReady, type Problem } from './problem.js';

/** How long a caller waits for the owner of the log, ms. */
const ANSWER_MS = 10_000;

/** Commands of people to a service that are answered at once: they are carried out, or the caller is told why not. */
export class OwnerCommander {
  constructor(
    readonly owner: Pick<OwnerCaller, 'ask' | 'door'>,
    readonly key: string,
    /** What the owner’s no means to whoever asked over HTTP; undefined: it said yes. */
    readonly refusalIn: (answer: OwnerAnswer) => Problem | undefined,
  ) {}

  /**
   * @param signal until it is aborted the answer is waited for
   * @throws {Problem} the owner refuses, or has not answered
   */
  async ask(
    definition: MessageDefinition,
    bearer: Bearer,
    command: OwnerCommand,
    signal = AbortSignal.timeout(ANSWER_MS),
  ): Promise<void> {
    const answer = await this.owner.ask(definition, this.key, bearer, command, signal);
    if (answer === undefined)
      throw notReady(
        `The ${this.owner.door.service} has not answered yet. Repeat the request with its commandId: it is safe.`,
        5,
      );
    const refusal = this.refusalIn(answer);
    if (refusal !== undefined) throw refusal;
  }
}
