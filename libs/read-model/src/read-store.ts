import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { InputPosition } from '@interlock/projection';
import type { ApprovalRecord } from './approval.fold.js';
import { ApprovalTable, approvalSchema } from './approval.table.js';
import type { DecisionPlace } from './decision.js';
import { packPlaces, unpackPlaces } from './place.packing.js';
import type { ProjectionStore } from './projection.store.js';
import type { Tenant } from './read-model.js';
import type { StoredRuns } from './run.histories.js';
import { RunTable, runSchema } from './run.table.js';

/** Raised when tables or views change: the file is then thrown away and read anew from the log. */
const SCHEMA_VERSION = 11;

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = OFF;
  PRAGMA cache_size = -16000;
  ${runSchema}
  CREATE TABLE IF NOT EXISTS places (
    run TEXT NOT NULL, seq INTEGER NOT NULL, packed BLOB NOT NULL, PRIMARY KEY (run, seq)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS positions (
    input TEXT PRIMARY KEY, position INTEGER NOT NULL, epoch INTEGER NOT NULL, place INTEGER NOT NULL,
    last INTEGER NOT NULL, link BLOB NOT NULL
  ) WITHOUT ROWID;
  ${approvalSchema}
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

export interface RunRow {
  readonly run: string;
  readonly tenant: Tenant;
  readonly status: string;
  readonly workflow: string;
  /** UTC ms */
  readonly started: number;
  readonly seq: number;
  /** Hash of the request that started it. */
  readonly request: string;
  /** JSON of its `RunFacets`: what it is found by. */
  readonly facets: string;
  /** JSON of the interface's `Run`. */
  readonly body: string;
  /** What stands in it, to be found by its words; absent: what is known already stays. */
  readonly words?: string;
}

export interface Batch {
  readonly runs: Iterable<RunRow>;
  /** Of each run, those of its next decisions, in their order. */
  readonly places: ReadonlyMap<string, readonly DecisionPlace[]>;
  readonly approvals: Iterable<ApprovalRecord>;
  readonly positions: ReadonlyMap<string, InputPosition>;
}

/** The read model on disk: a cache of the log, which may be deleted at any time. A kill leaves a whole batch or none. */
export class ReadStore implements ProjectionStore, StoredRuns {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly runs = new RunTable((text) => this.#sql(text));
  readonly approvals = new ApprovalTable((text) => this.#sql(text));

  /** Opens `path`, or starts it afresh when it is missing, damaged or of another schema version. */
  constructor(readonly path: string) {
    this.#db = openOrRenew(path);
  }

  write({ runs, places, approvals, positions }: Batch): void {
    this.#db.exec('BEGIN');
    try {
      const block = this.#sql('INSERT OR IGNORE INTO places VALUES (?, ?, ?)');
      for (const [runId, own] of places) block.run(runId, own[0]?.seq ?? 0, packPlaces(own));
      this.runs.write(runs);
      this.approvals.write(approvals);
      const input = this.#sql('INSERT OR REPLACE INTO positions VALUES (?, ?, ?, ?, ?, ?)');
      for (const [name, { position, last, link }] of positions) {
        input.run(name, position.offset, position.epoch, position.index, last, link);
      }
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  run(runId: string): RunRow | undefined {
    return this.runs.find(runId);
  }

  /** Of the decisions that hold the next `limit` events behind `after`. */
  places(runId: string, after: number, limit: number): DecisionPlace[] {
    const first = `SELECT max(seq) FROM places WHERE run = ?1 AND seq <= ?2`;
    const sql = `SELECT seq, packed FROM places WHERE run = ?1 AND seq >= coalesce((${first}), 0) AND seq <= ?3 ORDER BY seq`;
    const blocks = this.#sql(sql).all(runId, after + 1, after + limit) as unknown as Block[];
    return blocks
      .flatMap(({ seq, packed }) => unpackPlaces(packed, seq))
      .filter(({ seq, lastSeq }) => lastSeq > after && seq <= after + limit);
  }

  lastSeq(runId: string): number {
    const sql = 'SELECT seq, packed FROM places WHERE run = ? ORDER BY seq DESC LIMIT 1';
    const last = this.#sql(sql).get(runId) as unknown as Block | undefined;
    return last === undefined ? 0 : (unpackPlaces(last.packed, last.seq).at(-1)?.lastSeq ?? 0);
  }

  positions(): Map<string, InputPosition> {
    const rows = this.#sql('SELECT * FROM positions').all() as unknown as PositionRow[];
    return new Map(
      rows.map(({ input, position, epoch, place, last, link }) => [
        input,
        { position: { offset: position, epoch, index: place }, last, link },
      ]),
    );
  }

  /** Forgets everything: the log it was read from is another one. */
  clear(): void {
    this.#db.exec(
      'DELETE FROM runs; DELETE FROM facets; DELETE FROM words; DELETE FROM places; DELETE FROM approvals; DELETE FROM positions;',
    );
  }

  close(): void {
    this.#db.close();
  }

  #sql(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (statement === undefined) {
      statement = this.#db.prepare(text);
      this.#statements.set(text, statement);
    }
    return statement;
  }
}

/** Places of the decisions of a run that were stored together. */
interface Block {
  /** Of the first event. */
  readonly seq: number;
  readonly packed: Uint8Array;
}

interface PositionRow {
  readonly input: string;
  readonly position: number;
  readonly epoch: number;
  readonly place: number;
  readonly last: number;
  readonly link: Uint8Array;
}

function openOrRenew(path: string): DatabaseSync {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  try {
    return open(path);
  } catch {
    for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true });
    return open(path);
  }
}

function open(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    const found = db.prepare('PRAGMA user_version').get() as { user_version: number };
    if (found.user_version !== 0 && found.user_version !== SCHEMA_VERSION)
      throw new Error('another schema version');
    db.exec(schema);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
