/*
 * One table of rows per partition, so that every append goes to the right-hand edge of a tree: pages stay full and a commit
 * touches few of them. A row holds the records of one or several appends of one commit.
 */

export const CATALOGUE_SQL = `
  CREATE TABLE IF NOT EXISTS topics (
    name TEXT PRIMARY KEY, partitions INTEGER NOT NULL, keep TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS partitions (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    start INTEGER NOT NULL DEFAULT 0, compacted_to INTEGER NOT NULL DEFAULT 0,
    UNIQUE (topic, partition)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS commits (
    consumer TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    position INTEGER NOT NULL, metadata TEXT NOT NULL,
    PRIMARY KEY (consumer, topic, partition)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS ballast (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT`;

/** The table of one partition: first offset, how many offsets it spans, when it was written, checksum, records. */
export const rowTableSql = (id: number) => `
  CREATE TABLE log_${id} (
    base INTEGER PRIMARY KEY, span INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    crc INTEGER NOT NULL, records BLOB NOT NULL
  ) STRICT`;

/** A statement for the writer; it runs in the order of submission, in the same transactions as the appends around it. */
export interface Statement {
  readonly sql: string;
  readonly params: readonly (string | number | Uint8Array)[];
}

export const saveTopic = (name: string, partitions: number, keep: string): Statement => ({
  sql: 'INSERT INTO topics VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET keep = excluded.keep',
  params: [name, partitions, keep],
});

export const savePartition = (id: number, topic: string, partition: number): Statement => ({
  sql: 'INSERT INTO partitions (id, topic, partition) VALUES (?, ?, ?)',
  params: [id, topic, partition],
});

export const saveStart = (id: number, start: number): Statement => ({
  sql: 'UPDATE partitions SET start = max(start, ?) WHERE id = ?',
  params: [start, id],
});

export const saveCompactedTo = (id: number, offset: number): Statement => ({
  sql: 'UPDATE partitions SET compacted_to = ? WHERE id = ?',
  params: [offset, id],
});

export const saveCommit = (
  consumer: string,
  topic: string,
  partition: number,
  position: number,
  metadata: string,
): Statement => ({
  sql: 'INSERT OR REPLACE INTO commits VALUES (?, ?, ?, ?, ?)',
  params: [consumer, topic, partition, position, metadata],
});

export const deleteRowsThrough = (id: number, base: number): Statement => ({
  sql: `DELETE FROM log_${id} WHERE base <= ?`,
  params: [base],
});

export const deleteRow = (id: number, base: number): Statement => ({
  sql: `DELETE FROM log_${id} WHERE base = ?`,
  params: [base],
});

export const replaceRow = (id: number, base: number, crc: number, bytes: Uint8Array): Statement => ({
  sql: `UPDATE log_${id} SET crc = ?, records = ? WHERE base = ?`,
  params: [crc, bytes, base],
});
