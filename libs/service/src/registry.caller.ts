import type { ArtifactEvent, ControlEvent, MessageDefinition } from '@interlock/contracts';
import type { CommandAppender } from './command.appender.js';
import type { Bearer, CommandAuthority } from './command.authority.js';

/** What the registry says about a command. */
export type RegistryAnswer = (ArtifactEvent | ControlEvent) & { readonly commandId: string };

/** Where its answers are read. */
export interface RegistryAnswers {
  onAnswer(listener: (answer: RegistryAnswer) => void): () => void;
}

/** A command to the registry, as every one of them begins. */
export interface RegistryCommand {
  readonly commandId: string;
  readonly [field: string]: unknown;
}

/** Gives the registry commands, and waits for what it says. */
export class RegistryCaller {
  constructor(
    readonly appender: CommandAppender,
    readonly authority: CommandAuthority,
    readonly answers: RegistryAnswers,
    readonly topic: string,
    readonly now: () => number,
  ) {}

  /** @returns undefined when there is no answer in time. The command is durable by then, and is answered later */
  async ask(
    definition: MessageDefinition,
    key: string,
    bearer: Bearer,
    command: RegistryCommand,
    signal: AbortSignal,
  ): Promise<RegistryAnswer | undefined> {
    const issuedAt = this.now();
    const { commandId } = command;
    const meta = { id: commandId, time: issuedAt };
    const data = { ...command, by: bearer.by, issuedAt };
    const record = await this.authority.recordOf(
      { key, wire: definition.wire, meta, data },
      'registry',
      bearer,
    );
    const { answer, stop } = this.#answerTo(commandId, signal);
    try {
      await this.appender.append(this.topic, 0, record);
    } catch (error) {
      stop();
      throw error;
    }
    return answer;
  }

  #answerTo(commandId: string, signal: AbortSignal) {
    let stop = () => {};
    const answer = new Promise<RegistryAnswer | undefined>((resolve) => {
      const end = (said: RegistryAnswer | undefined) => {
        stop();
        resolve(said);
      };
      const giveUp = () => end(undefined);
      const leave = this.answers.onAnswer((said) => {
        if (said.commandId === commandId) end(said);
      });
      stop = () => {
        leave();
        signal.removeEventListener('abort', giveUp);
      };
      signal.addEventListener('abort', giveUp, { once: true });
    });
    return { answer, stop };
  }
}
