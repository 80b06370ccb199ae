import type { Identity, MessageDefinition } from '@interlock/contracts';
import { plainRecord } from '@interlock/log';
import type { CommandAppender } from './command.appender.js';

/** What the registry says about a command. */
export interface RegistryAnswer {
  readonly commandId: string;
  readonly type: string;
  readonly data: unknown;
}

/** Where its answers are read. */
export interface RegistryAnswers {
  onAnswer(listener: (answer: RegistryAnswer) => void): () => void;
}

/** A command to the registry, as every one of them begins. */
export interface RegistryCommand {
  readonly commandId: string;
  readonly by: Identity;
  readonly [field: string]: unknown;
}

/** Gives the registry commands, and waits for what it says. */
export class RegistryCaller {
  constructor(
    readonly appender: CommandAppender,
    readonly answers: RegistryAnswers,
    readonly topic: string,
    readonly now: () => number,
  ) {}

  /** @returns undefined when there is no answer in time. The command is durable by then, and is answered later */
  async ask(
    definition: MessageDefinition,
    key: string,
    command: RegistryCommand,
    signal: AbortSignal,
  ): Promise<RegistryAnswer | undefined> {
    const issuedAt = this.now();
    const { commandId } = command;
    const { answer, stop } = this.#answerTo(commandId, signal);
    const record = plainRecord(
      key,
      definition.wire,
      { id: commandId, time: issuedAt },
      { ...command, issuedAt },
    );
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
