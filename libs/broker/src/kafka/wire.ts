import type { Message } from 'kafkajs';

/*
 * The part of kafkajs this package stands on: its protocol encoding, its connections (TLS, SASL, timeouts) and its
 * cluster metadata. Its producer and consumer are not used. The consumer takes no seek while a fetch waits, holds the
 * next fetch until every handler is done, jumps to the end on an offset out of range and can end silently; the port
 * needs the opposite of each. Shapes below are those of kafkajs 2.2.4, written down because its own types omit them.
 */

export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  findBroker(node: { nodeId: string }): Promise<Node>;
  findControllerBroker(): Promise<Node>;
  findGroupCoordinator(group: { groupId: string }): Promise<Node>;
  findTopicPartitionMetadata(topic: string): readonly PartitionMetadata[];
}

/** `leader` -1: none. */
export interface PartitionMetadata {
  readonly partitionId: number;
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

/** One server of the cluster, connected. Every call is one request; none is repeated. */
export interface Node {
  produce(request: {
    acks: number;
    timeout: number;
    compression: number;
    topicData: readonly TopicData[];
  }): Promise<{
    topics: readonly {
      topicName: string;
      partitions: readonly { partition: number; baseOffset: string }[];
    }[];
  }>;
  fetch(request: {
    isolationLevel: number;
    maxWaitTime: number;
    minBytes: number;
    maxBytes: number;
    topics: readonly {
      topic: string;
      partitions: readonly { partition: number; fetchOffset: string; maxBytes: number }[];
    }[];
  }): Promise<{ responses: readonly { topicName: string; partitions: readonly FetchedPartition[] }[] }>;
  listOffsets(request: {
    isolationLevel: number;
    topics: readonly { topic: string; partitions: readonly { partition: number; timestamp: number }[] }[];
  }): Promise<{ responses: readonly { partitions: readonly { offset: string }[] }[] }>;
  deleteRecords(request: {
    topics: readonly { topic: string; partitions: readonly { partition: number; offset: string }[] }[];
  }): Promise<unknown>;
  /** An empty list of names asks for every setting. */
  describeConfigs(request: {
    resources: readonly { type: number; name: string; configNames: readonly string[] }[];
    includeSynonyms: boolean;
  }): Promise<{
    resources: readonly {
      resourceName: string;
      configEntries: readonly { configName: string; configValue: string }[];
    }[];
  }>;
  createTopics(request: { topics: readonly NewTopic[]; timeout: number }): Promise<unknown>;
  joinGroup(request: {
    groupId: string;
    sessionTimeout: number;
    rebalanceTimeout: number;
    memberId: string;
    groupProtocols: readonly { name: string; metadata: Buffer }[];
  }): Promise<JoinedGroup>;
  syncGroup(request: {
    groupId: string;
    generationId: number;
    memberId: string;
    groupAssignment: readonly { memberId: string; memberAssignment: Buffer }[];
  }): Promise<{ memberAssignment: Buffer }>;
  heartbeat(request: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>;
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>;
  offsetCommit(request: {
    groupId: string;
    groupGenerationId: number;
    memberId: string;
    topics: readonly {
      topic: string;
      partitions: readonly { partition: number; offset: string; metadata: string }[];
    }[];
  }): Promise<unknown>;
  offsetFetch(request: {
    groupId: string;
    topics: readonly { topic: string; partitions: readonly { partition: number }[] }[];
  }): Promise<{
    responses: readonly { partitions: readonly { offset: string; metadata: string | null }[] }[];
  }>;
}

export interface TopicData {
  readonly topic: string;
  readonly partitions: readonly { partition: number; firstSequence: number; messages: readonly Message[] }[];
}

export interface NewTopic {
  readonly topic: string;
  readonly numPartitions: number;
  readonly replicationFactor: number;
  readonly configEntries: readonly { name: string; value: string }[];
}

export interface FetchedPartition {
  readonly partition: number;
  readonly highWatermark: string;
  readonly messages: readonly FetchedMessage[];
}

export interface FetchedMessage {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | readonly Buffer[] | null>>;
  readonly isControlRecord: boolean;
  /** UTC ms; of the whole batch when the server stamps it. */
  readonly timestamp: string;
  /** Absent on records of formats before Kafka 0.11. */
  readonly batchContext?: { readonly timestampType?: number };
}

export interface JoinedGroup {
  readonly generationId: number;
  readonly leaderId: string;
  readonly memberId: string;
  readonly members: readonly { memberId: string; memberMetadata: Buffer }[];
}

/** Every fetch and offset request reads all records: transactions are not used, so there is nothing to filter. */
export const READ_UNCOMMITTED = 0;
export const NO_COMPRESSION = 0;
export const GZIP = 1;
/** Kafka's number of the kind of thing that a topic is. */
export const TOPIC_RESOURCE = 2;
/** The server has said when it was, not the producer. */
export const LOG_APPEND_TIME = 1;
export const ACKS_ALL = -1;
export const EARLIEST = -2;
export const LATEST = -1;

/** Kafka's name of an answered error (`NOT_LEADER_FOR_PARTITION`); undefined when no server has answered. */
export function protocolError(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('type' in at && typeof at.type === 'string') return at.type;
  }
  return undefined;
}

const STALE_METADATA: ReadonlySet<string> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'REPLICA_NOT_AVAILABLE',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'NOT_CONTROLLER',
  'KAFKA_STORAGE_ERROR',
  'REQUEST_TIMED_OUT',
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
]);

/** True when the request went to the wrong server, or too early: fresh metadata and another try may help. */
export const isStale = (type: string): boolean => STALE_METADATA.has(type);
