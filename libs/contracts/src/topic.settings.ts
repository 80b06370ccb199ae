import type { TopicSpec } from './topics.js';

/** Room for the largest append and the framing of its records, however small they are. */
export const TOPIC_BATCH_BYTES_MAX = 2 * 1024 * 1024;

/** Kafka's settings of a topic of ours, by their names there. */
export function topicSettings({ kind, keep, stampedBy }: TopicSpec): Readonly<Record<string, string>> {
  return {
    'max.message.bytes': String(TOPIC_BATCH_BYTES_MAX),
    // What others compress the server stores plain: kafkajs reads gzip alone, and one batch it cannot read would stop every reader.
    // Of a public topic gzip stays gzip, which every client reads; its only writer is ours.
    'compression.type': kind === 'public' ? 'producer' : 'uncompressed',
    'message.timestamp.type': stampedBy === 'broker' ? 'LogAppendTime' : 'CreateTime',
    'unclean.leader.election.enable': 'false',
    ...(keep === 'compacted'
      ? { 'cleanup.policy': 'compact' }
      : {
          'cleanup.policy': 'delete',
          'retention.ms': String(typeof keep === 'number' ? keep : -1),
          'retention.bytes': '-1',
        }),
  };
}
