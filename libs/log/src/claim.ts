import { HostClaimed } from '@interlock/contracts';
import { GENESIS } from './chain.js';
import { DeposedError } from './errors.js';
import type { Position } from './position.js';
import { type Accepted, FencedReader, type ReadRecord } from './reader.js';
import { seal } from './record.js';
import { type Appender, FencedWriter } from './writer.js';

/** What claiming needs of a broker. */
export interface ClaimSource extends Appender {
  /** Reads from `from` to the end as of the call. */
  read(from: number): AsyncIterable<readonly ReadRecord[]>;
}

export interface ClaimRequest {
  readonly topic: string;
  readonly partition: number;
  /** Fold from here; what lies before is already known. */
  readonly from: Position;
  /** Random, unique. */
  readonly claimId: string;
  readonly host: string;
  /** `type/version` of every event this host writes. */
  readonly versions: readonly string[];
  readonly now: number;
  /** Every record accepted between `from` and the claim, in order; other hosts' claims included. May throw to decline. */
  readonly accepted: (record: Accepted) => void;
}

/**
 * Takes a partition: reads to the end, appends a claim, reads up to it.
 * @throws {DeposedError} another claim was accepted behind ours while we were reading
 */
export async function claim(source: ClaimSource, request: ClaimRequest): Promise<FencedWriter> {
  const { topic, partition, from, accepted } = request;
  const reader = new FencedReader(topic, partition, from);
  await readUpTo(source, reader, Number.POSITIVE_INFINITY, accepted);
  const epoch = await source.append(topic, partition, [claimRecord(request)]);
  await readUpTo(source, reader, epoch, accepted);
  const before = reader.position;
  if (before.offset !== epoch) throw new DeposedError(topic, partition, epoch, epoch, before.offset);
  return new FencedWriter(source, topic, partition, { offset: epoch + 1, epoch, index: 0 }, before);
}

/** Reads records in front of `end`, or to the end of the log. */
async function readUpTo(
  source: ClaimSource,
  reader: FencedReader,
  end: number,
  accepted: (record: Accepted) => void,
): Promise<void> {
  if (reader.position.offset >= end) return;
  for await (const records of source.read(reader.position.offset)) {
    for (const record of records) {
      if (record.offset >= end) return;
      const taken = reader.take(record);
      if (taken !== undefined) accepted(taken);
    }
  }
}

function claimRecord({ claimId, host, versions, now }: ClaimRequest) {
  const value = Buffer.from(JSON.stringify(HostClaimed({ claimId, host, versions: [...versions] }).data));
  const meta = { id: claimId, epoch: -1, index: 0, time: now };
  return seal({ key: 'host', wire: HostClaimed.wire, meta, value }, GENESIS).record;
}
