import type {
  ArtifactEvent,
  BulkEvent,
  ControlEvent,
  MessageDefinition,
  ScheduleEvent,
  ServiceName,
} from '@interlock/contracts';
import type { CommandAppender } from './command.appender.js';
import type { Bearer, CommandAuthority } from './command.authority.js';

/** What the owner of a log says about a command. */
export type OwnerAnswer = (ArtifactEvent | ControlEvent | ScheduleEvent | BulkEvent) & {
  readonly commandId: string;
};

/** Where its answers are read. */
export interface OwnerAnswers {
  onAnswer(listener: (answer: OwnerAnswer) => void): () => void;
}

/** A command to an owner, as every one of them begins. */
export interface OwnerCommand {
  readonly commandId: string;
  readonly [field: string]: unknown;
}

/** Who takes the commands, and where. */
export interface CommandDoor {
  readonly service: ServiceName;
  readonly topic: string;
  /** Of the commands under this key. */
  partitionOf(key: string): number;
}

/** A topic of one partition that the registry reads. */
export const registryDoor = (topic: string): CommandDoor => ({
  service: 'registry',
  topic,
  partitionOf: () => 0,
});

/** Gives the owner of a log commands, and waits for what it says there. */
export class OwnerCaller {
  constructor(
    readonly appender: CommandAppender,
    readonly authority: CommandAuthority,
    readonly answers: OwnerAnswers,
    readonly door: CommandDoor,
    readonly now: () => number,
  ) {}

  /** @returns undefined when there is no answer in time. The command is durable by then, and is answered later */
  async ask(
    definition: MessageDefinition,
    key: string,
    bearer: Bearer,
    command: OwnerCommand,
    signal: AbortSignal,
  ): Promise<OwnerAnswer | undefined> {
    const issuedAt = this.now();
    const { service, topic } = this.door;
    const { commandId } = command;
    const meta = { id: commandId, time: issuedAt };
    const data = { ...command, by: bearer.by, issuedAt };
    const record = await this.authority.recordOf({ key, wire: definition.wire, meta, data }, service, bearer);
    const { answer, stop } = this.#answerTo(commandId, signal);
    try {
      await this.appender.append(topic, this.door.partitionOf(key), record);
    } catch (error) {
      stop();
      throw error;
    }
    return answer;
  }

  #answerTo(commandId: string, signal: AbortSignal) {
    let stop = () => {};
    const answer = new Promise<OwnerAnswer | undefined>((resolve) => {
      const end = (said: OwnerAnswer | undefined) => {
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
