import type { Offset, StoredRecord } from '../broker.js';
import { toOffset, toStored } from './records.js';
import { type Cluster, EARLIEST, type FetchedPartition, LATEST, READ_UNCOMMITTED } from './wire.js';

export interface Fetched {
  readonly records: readonly StoredRecord[];
  /** Where to go on; the offset asked for when nothing came. */
  readonly next: Offset;
  /** The offset the next record will get, as the server saw it. */
  readonly end: Offset;
}

export interface Wanted {
  readonly topic: string;
  readonly partition: number;
  readonly from: Offset;
}

/**
 * Compaction may leave batches that hold no record, and kafkajs does not tell how far one reaches. A partition that is
 * asked for alone, is not at its end, and so often answered with nothing stands in one: step over it, offset by offset.
 */
export const EMPTY_ANSWERS_BEFORE_STEP = 3;

const PARTITION_BYTES_MAX = 1024 * 1024;
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;

export function leaderOf(cluster: Cluster, topic: string, partition: number): number | undefined {
  return cluster.findTopicPartitionMetadata(topic).find((found) => found.partitionId === partition)?.leader;
}

/**
 * One fetch of partitions that `nodeId` leads; waits at the server for up to `waitMs` while all are at their end.
 * Answers in the order of `wanted`; undefined where the server left one out.
 * @param bytesMax of one partition; a server answers with one batch, however large
 */
export async function fetchFrom(
  cluster: Cluster,
  nodeId: number,
  wanted: readonly Wanted[],
  waitMs: number,
  bytesMax = PARTITION_BYTES_MAX,
): Promise<(Fetched | undefined)[]> {
  const node = await cluster.findBroker({ nodeId: String(nodeId) });
  const { responses } = await node.fetch({
    isolationLevel: READ_UNCOMMITTED,
    maxWaitTime: waitMs,
    minBytes: 1,
    maxBytes: ANSWER_BYTES_MAX,
    topics: [...Map.groupBy(wanted, ({ topic }) => topic)].map(([topic, places]) => ({
      topic,
      partitions: places.map(({ partition, from }) => ({
        partition,
        fetchOffset: String(from),
        maxBytes: bytesMax,
      })),
    })),
  });
  // kafkajs shuffles what was asked and may name a topic several times.
  const answers = new Map<string, FetchedPartition>();
  for (const { topicName, partitions } of responses) {
    for (const answer of partitions) answers.set(`${topicName}/${answer.partition}`, answer);
  }
  return wanted.map(({ topic, partition, from }) => {
    const answer = answers.get(`${topic}/${partition}`);
    return answer && toFetched(answer, from);
  });
}

function toFetched({ messages, highWatermark }: FetchedPartition, from: Offset): Fetched {
  const last = messages.at(-1);
  // A server answers with whole batches, so the first may begin in front of what was asked for.
  const records = messages.filter((message) => !message.isControlRecord).map(toStored);
  const first = records.findIndex(({ offset }) => offset >= from);
  return {
    records: first === 0 ? records : first < 0 ? [] : records.slice(first),
    next: last === undefined ? from : Math.max(from, toOffset(last.offset) + 1),
    end: toOffset(highWatermark),
  };
}

/** The first readable offset and the next one to be written. */
export async function listOffsets(cluster: Cluster, topic: string, partition: number) {
  const node = await cluster.findBroker({ nodeId: String(leaderOf(cluster, topic, partition) ?? -1) });
  const at = async (timestamp: number) => {
    const topics = [{ topic, partitions: [{ partition, timestamp }] }];
    const { responses } = await node.listOffsets({ isolationLevel: READ_UNCOMMITTED, topics });
    return toOffset(responses[0]?.partitions[0]?.offset ?? 'missing');
  };
  const [start, end] = await Promise.all([at(EARLIEST), at(LATEST)]);
  return { start, end };
}
