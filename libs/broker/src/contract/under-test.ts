import { randomUUID } from 'node:crypto';
import type { TopicSpec } from '@interlock/contracts';
import type { Broker, NewRecord, Offset, StoredRecord } from '../broker.js';

/** What an implementation hands to the suite. */
export interface BrokerUnderTest {
  readonly broker: Broker;
  /** Ends the broker as hard as it can be ended, and answers with one over the same data. Called at most once a test. */
  restart?(): Promise<Broker>;
  readonly faults?: AppendFaults;
  /** Closes whatever is open by then, also after a restart. */
  close(): Promise<void>;
}

/** Faults the suite can ask for; each applies to the next append that is made, whoever makes it. A missing one is skipped. */
export interface AppendFaults {
  /** It lands, but its author gets no answer. */
  loseAnswer?(): void;
  /** It never lands, and its author gets no answer. */
  loseAppend?(): void;
  /** Its author gets no answer; it lands when `land` is called, which resolves once it is readable. */
  delayAppend?(): { land(): Promise<void> };
  /** Its batch lands twice in a row; its author is told the offset of one of the two. */
  repeatAppend?(): void;
}

/** Creates one fresh topic. */
export async function freshTopic(
  broker: Broker,
  partitions = 1,
  keep: TopicSpec['keep'] = 'forever',
): Promise<string> {
  const topic = topicSpec({ keep });
  await broker.createTopics([topic], partitions);
  return topic.name;
}

export function topicSpec(given: Partial<TopicSpec> = {}): TopicSpec {
  const name = `contract.${randomUUID()}`;
  return {
    name,
    kind: 'plain',
    scope: 'run',
    keep: 'forever',
    stampedBy: 'writer',
    writer: 'orchestrator',
    ...given,
  };
}

export function freshGroup(): string {
  return `contract.${randomUUID()}`;
}

export function record(value: string, key = 'key'): NewRecord {
  return { key, headers: {}, value: Buffer.from(value) };
}

export function textOf({ value }: StoredRecord): string {
  return value === null ? '(none)' : Buffer.from(value).toString();
}

export async function readAll(
  broker: Broker,
  topic: string,
  partition = 0,
  from: Offset = 0,
): Promise<StoredRecord[]> {
  const all: StoredRecord[] = [];
  for await (const records of broker.read(topic, partition, from)) all.push(...records);
  return all;
}

/** The whole numbers from `start` up to `end`, without `end`. */
export function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, at) => start + at);
}
