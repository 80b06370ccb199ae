import type { TopicSpec } from '@interlock/contracts';
import { TopicMismatchError, UnknownTopicError } from '../errors.js';
import { DataCorruptError } from './errors.js';
import { PartitionLog } from './partition.log.js';
import type { PartitionRow, Reader } from './reader.js';
import { rowTableSql, type Statement, savePartition, saveTopic } from './schema.js';
import type { Writer } from './writer.js';

export interface Topic {
  readonly keep: TopicSpec['keep'];
  readonly logs: readonly PartitionLog[];
}

/** Every topic and partition there is, as read at start and created since. */
export class Catalogue {
  readonly #topics = new Map<string, Topic>();
  #nextId = 1;
  #creating: Promise<void> = Promise.resolve();

  /** Reads what is there. A log is checked at its end, where a torn file would show. */
  constructor(reader: Reader) {
    const { topics, partitions } = reader.catalogue();
    for (const { name, keep, partitions: count } of topics) {
      const parsed: TopicSpec['keep'] = JSON.parse(keep);
      const rows = partitions.filter((row) => row.topic === name);
      if (rows.length !== count) {
        throw new DataCorruptError(reader.path, `${name} has ${rows.length} of its ${count} partitions`);
      }
      const logs = rows.sort((a, b) => a.partition - b.partition).map((row) => openLog(reader, row, parsed));
      this.#topics.set(name, { keep: parsed, logs });
    }
    this.#nextId = partitions.reduce((highest, { id }) => Math.max(highest, id), 0) + 1;
  }

  topics(): IterableIterator<Topic> {
    return this.#topics.values();
  }

  /** @throws {UnknownTopicError} */
  logs(topic: string): readonly PartitionLog[] {
    const found = this.#topics.get(topic);
    if (found === undefined) throw new UnknownTopicError(topic, 0);
    return found.logs;
  }

  /** @throws {UnknownTopicError} */
  log(topic: string, partition: number): PartitionLog {
    const log = this.#topics.get(topic)?.logs[partition];
    if (log === undefined) throw new UnknownTopicError(topic, partition);
    return log;
  }

  /** One call at a time: services that start together create the same topics. */
  create(specs: readonly TopicSpec[], partitions: number, writer: Writer): Promise<void> {
    const created = this.#creating.then(() => this.#create(specs, partitions, writer));
    this.#creating = created.catch(() => {});
    return created;
  }

  async #create(specs: readonly TopicSpec[], partitions: number, writer: Writer): Promise<void> {
    const statements: Statement[] = [];
    const changed = new Map<string, Topic>();
    for (const { name, scope, keep } of specs) {
      const wanted = scope === 'global' ? 1 : partitions;
      const existing = this.#topics.get(name);
      if (existing !== undefined && existing.logs.length !== wanted) {
        throw TopicMismatchError.partitions(name, existing.logs.length, wanted);
      }
      if (existing?.keep === keep || changed.has(name)) continue;
      statements.push(saveTopic(name, wanted, JSON.stringify(keep)));
      changed.set(name, { keep, logs: existing?.logs ?? this.#newLogs(name, wanted, keep, statements) });
    }
    await writer.run(statements);
    for (const [name, topic] of changed) this.#topics.set(name, topic);
  }

  #newLogs(name: string, count: number, keep: TopicSpec['keep'], statements: Statement[]): PartitionLog[] {
    return Array.from({ length: count }, (_, partition) => {
      const id = this.#nextId++;
      statements.push({ sql: rowTableSql(id), params: [] }, savePartition(id, name, partition));
      return new PartitionLog(id, name, partition, keep === 'compacted', 0, 0, 0);
    });
  }
}

function openLog(reader: Reader, row: PartitionRow, keep: TopicSpec['keep']): PartitionLog {
  const { id, topic, partition, start, compacted_to } = row;
  const last = reader.lastRow(id);
  const end = last === undefined ? start : Math.max(start, last.base + last.span);
  const log = new PartitionLog(id, topic, partition, keep === 'compacted', start, end, compacted_to);
  if (last !== undefined) reader.rows(log, last.base, end);
  return log;
}
