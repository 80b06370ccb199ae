import type { Statement } from './schema.js';

/** Numbers per row in `Batch.rows`: partition id, base offset, span, where its bytes begin in `data`, how many they are. */
export type RowFields = 5;

/** One message to the writer; it is committed whole, possibly together with others. */
export interface Batch {
  readonly sequence: number;
  readonly atMs: number;
  readonly rows: Float64Array;
  readonly data: Uint8Array;
  readonly statements: readonly Statement[];
}

export interface WriterData {
  readonly path: string;
  /** SQL that creates what is missing. */
  readonly catalogueSql: string;
  /** Most bytes of the database file; 0 for no bound of our own. */
  readonly bytesMax: number;
}

/** What the writer says. A number is the sequence of the last batch that is on the disk; all before it are, too. */
export type WriterMessage = number | WriterOpened | WriterFailed;

export interface WriterOpened {
  readonly type: 'opened';
  readonly journalMode: unknown;
  readonly synchronous: unknown;
}

export interface WriterFailed {
  readonly type: 'failed';
  readonly message: string;
  /** SQLite's result code, when it was SQLite that failed. */
  readonly errcode: number | undefined;
}
