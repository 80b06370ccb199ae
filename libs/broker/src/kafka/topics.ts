import type { TopicSpec } from '@interlock/contracts';
import { TopicMismatchError } from '../errors.js';
import { listOffsets } from './fetch.js';
import type { Link } from './link.js';
import { type Cluster, type NewTopic, protocolError } from './wire.js';

const CREATE_WITHIN_MS = 30_000;
/** Room for `APPEND_BYTES_MAX` and the framing of its records, however small they are. */
const BATCH_BYTES_MAX = 2 * 1024 * 1024;

/** How many partitions `topic` has, asked of the server and not of what is remembered; 0 when it does not exist. */
export async function countPartitions(link: Link, topic: string, unknownForMs?: number): Promise<number> {
  const count = async (cluster: Cluster) => {
    await cluster.refreshMetadata();
    return cluster.findTopicPartitionMetadata(topic).length;
  };
  try {
    return await link.retry([topic], CREATE_WITHIN_MS, count, unknownForMs);
  } catch (error) {
    if (protocolError(error) === 'UNKNOWN_TOPIC_OR_PARTITION') return 0;
    throw error;
  }
}

export async function createTopics(
  link: Link,
  specs: readonly TopicSpec[],
  partitions: number,
  replicationFactor: number,
): Promise<void> {
  const wanted = specs.map((spec) => ({ spec, partitions: spec.scope === 'global' ? 1 : partitions }));
  const missing: NewTopic[] = [];
  for (const { spec, partitions: count } of wanted) {
    // No patience: to create what is there after all does no harm.
    const found = await countPartitions(link, spec.name, 0);
    if (found === 0) missing.push(newTopic(spec, count, replicationFactor));
    else if (found !== count) throw new TopicMismatchError(spec.name, found, count);
  }
  if (missing.length === 0) return;
  await create(link, missing);
  for (const { topic, numPartitions } of missing) await untilUsable(link, topic, numPartitions);
}

async function create(link: Link, topics: readonly NewTopic[]): Promise<void> {
  await link.retry([], CREATE_WITHIN_MS, async (cluster) => {
    const node = await cluster.findControllerBroker();
    try {
      await node.createTopics({ topics, timeout: CREATE_WITHIN_MS });
    } catch (error) {
      // Every process creates what it misses at its start, so several may try at once.
      const refusals =
        error instanceof AggregateError
          ? error.errors
          : ((error as { errors?: unknown[] }).errors ?? [error]);
      const others = refusals.filter((refusal) => protocolError(refusal) !== 'TOPIC_ALREADY_EXISTS');
      if (others.length > 0) throw others[0];
    }
  });
}

/** Servers learn of a new topic one after the other, and of its leaders later still: it exists once every partition answers. */
async function untilUsable(link: Link, topic: string, partitions: number): Promise<void> {
  const giveUpAt = performance.now() + CREATE_WITHIN_MS;
  for (let found = 0; found === 0; ) {
    found = await countPartitions(link, topic);
    if (found > 0 && found !== partitions) throw new TopicMismatchError(topic, found, partitions);
    if (performance.now() > giveUpAt) throw new Error(`${topic} was created but does not appear`);
  }
  for (let partition = 0; partition < partitions; partition++) {
    await link.retry([topic], CREATE_WITHIN_MS, (cluster) => listOffsets(cluster, topic, partition));
  }
}

function newTopic(
  { name, keep, stampedBy }: TopicSpec,
  numPartitions: number,
  replicationFactor: number,
): NewTopic {
  const settings: Record<string, string> = {
    'max.message.bytes': String(BATCH_BYTES_MAX),
    // What others compress the server stores plain: kafkajs reads gzip alone, and one batch it cannot read would stop every reader.
    'compression.type': 'uncompressed',
    'message.timestamp.type': stampedBy === 'broker' ? 'LogAppendTime' : 'CreateTime',
  };
  if (keep === 'compacted') settings['cleanup.policy'] = 'compact';
  else {
    settings['cleanup.policy'] = 'delete';
    settings['retention.ms'] = String(typeof keep === 'number' ? keep : -1);
    settings['retention.bytes'] = '-1';
  }
  const configEntries = Object.entries(settings).map(([key, value]) => ({ name: key, value }));
  return { topic: name, numPartitions, replicationFactor, configEntries };
}
