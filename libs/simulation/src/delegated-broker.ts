import type { Broker, Producer } from '@interlock/broker';

/** `inner` with other producers. */
export const withProducers = (inner: Broker, producerOf: (made: Producer) => Producer): Broker => ({
  isOpenToOthers: inner.isOpenToOthers,
  producer: () => producerOf(inner.producer()),
  join: (group, topics, member) => inner.join(group, topics, member),
  read: (topic, partition, from) => inner.read(topic, partition, from),
  readAt: (topic, partition, offsets) => inner.readAt(topic, partition, offsets),
  follow: (topic, partition, from, member) => inner.follow(topic, partition, from, member),
  bounds: (topic, partition) => inner.bounds(topic, partition),
  trim: (topic, partition, before) => inner.trim(topic, partition, before),
  committed: (group, topic, partition) => inner.committed(group, topic, partition),
  createTopics: (topics, partitions) => inner.createTopics(topics, partitions),
  partitions: (topic) => inner.partitions(topic),
  unwritable: (topic) => inner.unwritable(topic),
  close: () => inner.close(),
});
