import { type TopicSpec, topicSettings } from '@interlock/contracts';
import { TopicMismatchError } from '../errors.js';
import { listOffsets } from './fetch.js';
import type { Link } from './link.js';
import { type FoundTopic, misfitsOf, repairOf } from './topic.misfits.js';
import { type Cluster, type NewTopic, protocolError, TOPIC_RESOURCE } from './wire.js';

const CREATE_WITHIN_MS = 30_000;

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

/** What existing topics are held against besides the topic table. */
export interface TopicCheck {
  /** Named in the commands that repair a topic. */
  readonly server: string;
  /** Least replicas of every topic. */
  readonly replicasMin: number;
}

/**
 * Creates what is missing, then looks at all of it as the cluster has it: also what an administrator has created or changed.
 * @throws {TopicMismatchError} something is not what the topic table says
 */
export async function createTopics(
  link: Link,
  specs: readonly TopicSpec[],
  partitions: number,
  { replicationFactor, ...check }: TopicCheck & { readonly replicationFactor: number },
): Promise<void> {
  const wanted = specs.map((spec) => ({ spec, partitions: spec.scope === 'global' ? 1 : partitions }));
  const missing: NewTopic[] = [];
  for (const { spec, partitions: count } of wanted) {
    // No patience: to create what is there after all does no harm.
    const found = await countPartitions(link, spec.name, 0);
    if (found === 0) missing.push(newTopic(spec, count, replicationFactor));
    else if (found !== count) throw TopicMismatchError.partitions(spec.name, found, count);
  }
  if (missing.length > 0) await create(link, missing);
  for (const { topic, numPartitions } of missing) await untilUsable(link, topic, numPartitions);
  await checkTopics(link, specs, check);
}

async function create(link: Link, topics: readonly NewTopic[]): Promise<void> {
  await link.retry([], CREATE_WITHIN_MS, async (cluster) => {
    const node = await cluster.findControllerBroker();
    try {
      await node.createTopics({ topics, timeout: CREATE_WITHIN_MS });
    } catch (error) {
      // Every process creates what it misses at its start, so several may try at once.
      const several = error instanceof Error && 'errors' in error ? error.errors : undefined;
      const refusals: readonly unknown[] = Array.isArray(several) ? several : [error];
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
    if (found > 0 && found !== partitions) throw TopicMismatchError.partitions(topic, found, partitions);
    if (performance.now() > giveUpAt) throw new Error(`${topic} was created but does not appear`);
  }
  for (let partition = 0; partition < partitions; partition++) {
    await link.retry([topic], CREATE_WITHIN_MS, (cluster) => listOffsets(cluster, topic, partition));
  }
}

function newTopic(spec: TopicSpec, numPartitions: number, replicationFactor: number): NewTopic {
  const settings = {
    ...topicSettings(spec),
    ...(replicationFactor >= 3 && { 'min.insync.replicas': '2' }),
  };
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  return { topic: spec.name, numPartitions, replicationFactor, configEntries };
}

/** @throws {TopicMismatchError} naming every setting of every topic that is not what it has to be, and the commands that repair it */
async function checkTopics(
  link: Link,
  specs: readonly TopicSpec[],
  { server, replicasMin }: TopicCheck,
): Promise<void> {
  const found = await foundTopics(
    link,
    specs.map(({ name }) => name),
  );
  const problems = specs.flatMap((spec) => {
    const topic = found.get(spec.name);
    const misfits = topic === undefined ? [] : misfitsOf(spec, topic);
    const few =
      topic !== undefined && topic.replicas < replicasMin
        ? [tooFew(spec.name, topic.replicas, replicasMin)]
        : [];
    if (misfits.length === 0) return few;
    const wrong = misfits.map((misfit) => `${misfit.setting} is ${misfit.found}, not ${misfit.wanted}`);
    return [...few, `${spec.name}: ${wrong.join('; ')}. Repair it: ${repairOf(spec.name, misfits, server)}`];
  });
  if (problems.length > 0) throw new TopicMismatchError(problems.join('\n'));
}

const tooFew = (topic: string, replicas: number, least: number): string =>
  `${topic} has ${replicas} replicas, production asks for ${least}: reassign it with kafka-reassign-partitions.sh, or say INTERLOCK_REPLICATION_UNDER_3=yes`;

async function foundTopics(link: Link, names: readonly string[]): Promise<ReadonlyMap<string, FoundTopic>> {
  return link.retry(names, CREATE_WITHIN_MS, async (cluster) => {
    await cluster.refreshMetadata();
    const node = await cluster.findControllerBroker();
    const { resources } = await node.describeConfigs({
      resources: names.map((name) => ({ type: TOPIC_RESOURCE, name, configNames: [] })),
      includeSynonyms: false,
    });
    return new Map(
      resources.map(({ resourceName, configEntries }) => {
        const partitions = cluster.findTopicPartitionMetadata(resourceName);
        const replicas = Math.min(...partitions.map((partition) => partition.replicas.length));
        const settings = new Map(
          configEntries.map(({ configName, configValue }) => [configName, configValue]),
        );
        return [resourceName, { settings, replicas }];
      }),
    );
  });
}
