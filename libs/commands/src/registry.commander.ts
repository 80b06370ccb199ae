import type { MessageDefinition } from '@interlock/contracts';
import type { Bearer, RegistryAnswer, RegistryCaller, RegistryCommand } from '@interlock/service';
import { notReady, type Problem } from './problem.js';

/** How long a caller waits for the registry, ms. */
const ANSWER_MS = 10_000;

/** Commands of people to the registry that are answered at once: they are carried out, or the caller is told why not. */
export class RegistryCommander {
  constructor(
    readonly registry: Pick<RegistryCaller, 'ask'>,
    readonly key: string,
    /** What the registry’s no means to whoever asked over HTTP; undefined: it said yes. */
    readonly refusalIn: (answer: RegistryAnswer) => Problem | undefined,
  ) {}

  /** @throws {Problem} the registry refuses, or has not answered */
  async ask(definition: MessageDefinition, bearer: Bearer, command: RegistryCommand): Promise<void> {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const answer = await this.registry.ask(definition, this.key, bearer, command, signal);
    if (answer === undefined)
      throw notReady(
        'The registry has not answered yet. Repeat the request with its commandId: it is safe.',
        5,
      );
    const refusal = this.refusalIn(answer);
    if (refusal !== undefined) throw refusal;
  }
}
