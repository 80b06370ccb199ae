import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { CommittedPosition, Offset, StoredRecord } from '../broker.js';
import { asCorruption, DataCorruptError } from './errors.js';
import type { PartitionLog } from './partition.log.js';
import { decodeRow } from './record.codec.js';
import { bytesIn, type Fields, numberIn, textIn } from './row.fields.js';

const CHUNK_BYTES = 1024 * 1024;

export interface Row {
  readonly base: Offset;
  readonly span: number;
  readonly records: readonly StoredRecord[];
}

/** A connection of its own that only reads, on the caller's thread: every call is bounded to about 1 MB. */
export class Reader {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(readonly path: string) {
    this.#database = new DatabaseSync(path, { readOnly: true });
  }

  /** Records from `from` up to `end`, as many as fit a chunk, and the offset to go on from. */
  chunk(
    log: PartitionLog,
    from: Offset,
    end: Offset,
    bytesMax = CHUNK_BYTES,
  ): { records: StoredRecord[]; next: Offset } {
    const { rows, next } = this.rows(log, from, end, bytesMax);
    const records = rows.flatMap((row) => row.records).filter(({ offset }) => offset >= from && offset < end);
    return { records, next };
  }

  /**
   * Whole rows that cover offsets from `from` up to `end`, as many as fit a chunk.
   * @throws {DataCorruptError} a checksum is wrong, or offsets are missing
   */
  rows(log: PartitionLog, from: Offset, end: Offset, bytesMax = CHUNK_BYTES): { rows: Row[]; next: Offset } {
    try {
      return this.#rows(log, from, end, bytesMax);
    } catch (error) {
      throw asCorruption(this.path, error);
    }
  }

  #rows(log: PartitionLog, from: Offset, end: Offset, bytesMax: number): { rows: Row[]; next: Offset } {
    const rows: Row[] = [];
    let bytes = 0;
    let next = from;
    for (const found of this.#rowsFrom(log.id).iterate(from, end)) {
      const row = this.#decode(log, found);
      if (rows.length === 0 ? row.base > from : row.base !== next) this.#mustBeHole(log, next, row.base);
      rows.push(row);
      next = Math.max(from, row.base + row.span);
      bytes += bytesIn(found, 'records').length;
      if (bytes >= bytesMax) return { rows, next };
    }
    if (next < end) this.#mustBeHole(log, next, end);
    return { rows, next: end };
  }

  /** Only compaction leaves holes. */
  #mustBeHole(log: PartitionLog, from: Offset, to: Offset): void {
    if (!log.isCompacted) throw this.#corrupt(log, `nothing is stored from offset ${from} to ${to}`);
  }

  /** The last row of a partition, undefined when it has none. */
  lastRow(id: number): { base: Offset; span: number } | undefined {
    const found = this.#prepared(`SELECT base, span FROM log_${id} ORDER BY base DESC LIMIT 1`).get();
    return found && { base: numberIn(found, 'base'), span: numberIn(found, 'span') };
  }

  /** The first rows of a partition without their records. */
  firstRows(id: number, limit: number): { base: Offset; span: number; at_ms: number }[] {
    const found = this.#prepared(`SELECT base, span, at_ms FROM log_${id} ORDER BY base LIMIT ?`).all(limit);
    return found.map((row) => ({
      base: numberIn(row, 'base'),
      span: numberIn(row, 'span'),
      at_ms: numberIn(row, 'at_ms'),
    }));
  }

  committed(consumer: string, topic: string, partition: number): CommittedPosition | undefined {
    const found = this.#prepared(
      'SELECT position AS "offset", metadata FROM commits WHERE consumer = ? AND topic = ? AND partition = ?',
    ).get(consumer, topic, partition);
    return found && { offset: numberIn(found, 'offset'), metadata: textIn(found, 'metadata') };
  }

  catalogue(): { topics: TopicRow[]; partitions: PartitionRow[] } {
    return {
      topics: this.#prepared('SELECT * FROM topics').all().map(topicRow),
      partitions: this.#prepared('SELECT * FROM partitions ORDER BY id').all().map(partitionRow),
    };
  }

  close(): void {
    this.#database.close();
  }

  #rowsFrom(id: number): StatementSync {
    return this.#prepared(
      `SELECT base, span, crc, records FROM log_${id}
       WHERE base >= coalesce((SELECT max(base) FROM log_${id} WHERE base <= ?1), 0) AND base < ?2 ORDER BY base`,
    );
  }

  #decode(log: PartitionLog, found: Fields): Row {
    const base = numberIn(found, 'base');
    const span = numberIn(found, 'span');
    const records = bytesIn(found, 'records');
    if (crc32(records) !== numberIn(found, 'crc'))
      throw this.#corrupt(log, `the checksum of offset ${base} is wrong`);
    return { base, span, records: decodeRow(base, records) };
  }

  #corrupt(log: PartitionLog, what: string): DataCorruptError {
    return new DataCorruptError(this.path, `in ${log.topic}/${log.partition} ${what}`);
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

export interface TopicRow {
  readonly name: string;
  readonly partitions: number;
  readonly keep: string;
}

export interface PartitionRow {
  readonly id: number;
  readonly topic: string;
  readonly partition: number;
  readonly start: Offset;
  readonly compacted_to: Offset;
}

const topicRow = (row: Fields): TopicRow => ({
  name: textIn(row, 'name'),
  partitions: numberIn(row, 'partitions'),
  keep: textIn(row, 'keep'),
});

const partitionRow = (row: Fields): PartitionRow => ({
  id: numberIn(row, 'id'),
  topic: textIn(row, 'topic'),
  partition: numberIn(row, 'partition'),
  start: numberIn(row, 'start'),
  compacted_to: numberIn(row, 'compacted_to'),
});
