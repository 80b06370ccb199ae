import type { Link } from './link.js';
import { type PartitionMetadata, TOPIC_RESOURCE } from './wire.js';

const ASK_WITHIN_MS = 3_000;
const INSYNC = 'min.insync.replicas';

/** Asks the cluster whether an append to the topic would be acknowledged now. @throws when no server answers */
export async function whyUnwritable(link: Link, topic: string): Promise<string | undefined> {
  return link.retry([topic], ASK_WITHIN_MS, async (cluster) => {
    await cluster.refreshMetadata();
    const node = await cluster.findControllerBroker();
    const { resources } = await node.describeConfigs({
      resources: [{ type: TOPIC_RESOURCE, name: topic, configNames: [INSYNC] }],
      includeSynonyms: false,
    });
    const least = resources[0]?.configEntries.find(({ configName }) => configName === INSYNC)?.configValue;
    return shortOf(topic, cluster.findTopicPartitionMetadata(topic), Number(least ?? 1));
  });
}

/** What keeps the first such partition from being written: `acks=all` is refused below `min.insync.replicas`. */
export function shortOf(
  topic: string,
  partitions: readonly PartitionMetadata[],
  insyncMin: number,
): string | undefined {
  if (partitions.length === 0) return `${topic} does not exist`;
  for (const { partitionId, leader, isr } of partitions) {
    if (leader < 0) return `${topic}/${partitionId} has no leader`;
    if (isr.length < insyncMin)
      return `${topic}/${partitionId} has ${isr.length} of ${insyncMin} replicas in sync`;
  }
  return undefined;
}
