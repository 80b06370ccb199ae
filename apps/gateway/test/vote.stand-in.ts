import { type Broker, partitionOf } from '@interlock/broker';
import {
  ApprovalVoted,
  ApprovalVoteRefused,
  approvalCommands,
  type CastVote,
  catalogueOf,
  type Message,
  type MessageOf,
  type voteRefusalCodes,
} from '@interlock/contracts';
import { open } from '@interlock/log';
import type { RunStandIn } from './run.stand-in.js';

export type Vote = MessageOf<typeof CastVote>['data'];

/** Reads the votes that are durable, and answers them in the run's log: approval service and orchestrator in one. */
export class VoteStandIn {
  readonly votes: Vote[] = [];
  readonly #stops: (() => Promise<void>)[] = [];
  readonly #answers: Promise<void>[] = [];

  /** @param answer what the log says about a vote; nothing: it stays open */
  static async start(
    broker: Broker,
    runs: RunStandIn,
    answer: (vote: Vote) => readonly Message[],
  ): Promise<VoteStandIn> {
    const standIn = new VoteStandIn();
    const partitions = await broker.partitions(approvalCommands.name);
    for (let partition = 0; partition < partitions; partition++) {
      const { start } = await broker.bounds(approvalCommands.name, partition);
      const following = await broker.follow(approvalCommands.name, partition, start, {
        records(records) {
          for (const record of records) {
            if (record.key === undefined || partitionOf(record.key, partitions) !== partition)
              throw new Error('in the wrong partition');
            const [wire = ''] = open(record)!.wires;
            const vote = catalogueOf(approvalCommands).parse(wire, record.value).data as Vote;
            standIn.votes.push(vote);
            const events = answer(vote);
            if (events.length > 0) standIn.#answers.push(runs.append(vote.runId, ...events));
          }
        },
        failed(error) {
          throw error;
        },
      });
      standIn.#stops.push(() => following.stop());
    }
    return standIn;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()));
    await Promise.all(this.#answers);
  }
}

export const counted = ({ approvalId, commandId, by, vote, callHash, reason }: Vote): Message =>
  ApprovalVoted({ approvalId, commandId, by, vote, callHash, reason });

export const refusedAs =
  (code: (typeof voteRefusalCodes)[number], message: string) =>
  ({ approvalId, commandId, by, vote, callHash }: Vote): Message =>
    ApprovalVoteRefused({ approvalId, commandId, by, vote, callHash, code, message });
