import { partitionOf } from '@interlock/broker';
import { CastVote, fieldOf, type Message, runCommands } from '@interlock/contracts';
import type { SentCommand } from '@interlock/invariants';
import { plainRecord } from '@interlock/log';
import type { World } from './world.js';

/** Runs that live in the partition of another. */
export type RootOf = (runId: string) => string;

/** Brings what people say into the log, sometimes more than once, at once or later. */
export class Gateway {
  readonly sent: SentCommand[] = [];
  #commands = 0;

  constructor(
    readonly world: World,
    readonly rootOf: RootOf = (runId) => runId,
  ) {}

  send(command: Message, topic = runCommands.name): void {
    const { world } = this;
    const commandId = String(fieldOf(command.data, 'commandId'));
    const runId = String(fieldOf(command.data, 'runId'));
    this.sent.push({ commandId, runId, type: command.type });
    const deliver = () => {
      const root = this.rootOf(runId);
      const record = plainRecord(
        root,
        `${command.type}/1`,
        { id: commandId, run: runId, time: Math.floor(world.time.now()) },
        command.data,
      );
      world.cluster.stored(topic, partitionOf(root, world.shape.partitions)).land([record]);
    };
    world.trace(`${command.type} ${commandId} for ${runId} ${detailOf(command)}`);
    deliver();
    if (world.isFaulty && world.random() < 0.15) deliver();
    if (world.isFaulty && world.random() < 0.15) world.time.after(world.random() * 5_000, deliver);
  }

  /** What every command says of itself, but for who sends it. */
  envelope(runId: string) {
    return { commandId: this.commandId(), runId, issuedAt: Math.floor(this.world.time.now()) };
  }

  commandId(): string {
    this.#commands += 1;
    return `c${this.#commands}`;
  }
}

function detailOf({ type, data }: Message): string {
  if (type !== 'approval.vote') return '';
  const { by, vote, approvalId } = CastVote.schema.parse(data);
  return `${by.sub} says ${vote} to ${approvalId}`;
}
