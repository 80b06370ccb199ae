import type { MessageDefinition, ProblemCode, ProblemKind } from '@interlock/contracts';
import type { Bearer, RegistryAnswer, RegistryCaller, RegistryCommand } from '@interlock/service';
import { notReady, refusedAs } from '../http/problem.js';

/** How long a caller waits for the registry, ms. */
const ANSWER_MS = 10_000;

/** How the registry says no to one sort of commands, and what that means to whoever asked over HTTP. */
export interface Refusals<Code extends ProblemCode> {
  /** Type of the event in which it says so. */
  readonly type: string;
  readonly kindOf: Readonly<Record<Code, ProblemKind>>;
}

/** Commands of people to the registry that are answered at once: they are carried out, or the caller is told why not. */
export class RegistryDesk<Code extends ProblemCode> {
  constructor(
    readonly registry: Pick<RegistryCaller, 'ask'>,
    readonly key: string,
    readonly refusals: Refusals<Code>,
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
    this.#refuse(answer);
  }

  #refuse({ type, data }: RegistryAnswer): void {
    if (type !== this.refusals.type) return;
    const { code, message } = data as { readonly code: Code; readonly message: string };
    throw refusedAs(this.refusals.kindOf[code], code, message);
  }
}
