import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { EVERY_TENANT } from '@interlock/contracts';
import type { InputPosition } from '@interlock/projection';
import type { ApprovalRecord } from './approval.fold.js';
import { ApprovalTable, approvalSchema } from './approval.table.js';
import { rowsOfPage } from './page.bytes.js';
import type { ProjectionStore } from './projection.store.js';
import type { Reach, Tenant } from './read-model.js';
import { packDecisions, type StoredDecision, unpackDecisions } from './stored.decision.js';

/** Raised when tables or views change: the file is then thrown away and read anew from the log. */
const SCHEMA_VERSION = 6;

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = OFF;
  PRAGMA cache_size = -16000;
  CREATE TABLE IF NOT EXISTS runs (
    run TEXT PRIMARY KEY, tenant TEXT NOT NULL, status TEXT NOT NULL, workflow TEXT NOT NULL, started INTEGER NOT NULL, seq INTEGER NOT NULL,
    request TEXT NOT NULL, body TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS runs_newest ON runs (started DESC, run DESC);
  CREATE INDEX IF NOT EXISTS runs_of_tenant ON runs (tenant, started DESC, run DESC);
  CREATE INDEX IF NOT EXISTS runs_by_status ON runs (status, started DESC, run DESC);
  CREATE TABLE IF NOT EXISTS events (
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
  /** JSON of the interface's `Run`. */
  readonly body: string;
}

export interface Batch {
  readonly runs: Iterable<RunRow>;
  readonly decisions: readonly StoredDecision[];
  readonly approvals: Iterable<ApprovalRecord>;
  readonly positions: ReadonlyMap<string, InputPosition>;
}

export interface RunFilter {
  readonly reach: Reach;
  readonly status?: string;
  readonly workflow?: string;
  readonly before?: { readonly started: number; readonly run: string };
  readonly limit: number;
}

/** The read model on disk: a cache of the log, which may be deleted at any time. A kill leaves a whole batch or none. */
export class ReadStore implements ProjectionStore {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly approvals = new ApprovalTable((text) => this.#sql(text));

  /** Opens `path`, or starts it afresh when it is missing, damaged or of another schema version. */
  constructor(readonly path: string) {
    this.#db = openOrRenew(path);
  }

  write({ runs, decisions, approvals, positions }: Batch): void {
    this.#db.exec('BEGIN');
    try {
      const chunk = this.#sql('INSERT OR IGNORE INTO events VALUES (?, ?, ?)');
      for (const [runId, own] of chunksOf(decisions)) chunk.run(runId, own[0]?.seq ?? 0, packDecisions(own));
      const run = this.#sql('INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
      for (const row of runs) {
        run.run(row.run, row.tenant, row.status, row.workflow, row.started, row.seq, row.request, row.body);
      }
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
    return this.#sql('SELECT * FROM runs WHERE run = ?').get(runId) as RunRow | undefined;
  }

  runs({ reach, status, workflow, before, limit }: RunFilter): RunRow[] {
    const terms: string[] = [];
    const values: SQLInputValue[] = [];
    const where = (term: string, ...bound: SQLInputValue[]) => {
      terms.push(term);
      values.push(...bound);
    };
    if (reach !== EVERY_TENANT) where('tenant = ?', reach);
    if (status !== undefined) where('status = ?', status);
    if (workflow !== undefined) where('workflow = ?', workflow);
    if (before !== undefined) where('(started, run) < (?, ?)', before.started, before.run);
    const filter = terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`;
    const sql = `SELECT * FROM runs ${filter} ORDER BY started DESC, run DESC LIMIT ?`;
    const rows = this.#sql(sql).iterate(...values, limit) as Iterable<unknown> as Iterable<RunRow>;
    return rowsOfPage(rows, ({ body }) => body.length);
  }

  /** The decisions that hold the next `limit` events behind `after`, and no more once they hold `bytesMax`. */
  decisions(
    runId: string,
    after: number,
    limit: number,
    bytesMax = Number.POSITIVE_INFINITY,
  ): StoredDecision[] {
    const first = `SELECT max(seq) FROM events WHERE run = ?1 AND seq <= ?2`;
    const sql = `SELECT packed FROM events WHERE run = ?1 AND seq >= coalesce((${first}), 0) ORDER BY seq`;
    const decisions: StoredDecision[] = [];
    let bytes = 0;
    for (const { packed } of this.#sql(sql).iterate(runId, after + 1) as Iterable<{ packed: Uint8Array }>) {
      for (const decision of unpackDecisions(runId, packed)) {
        if (decision.seq > after + limit) return decisions;
        if (decision.lastSeq <= after) continue;
        decisions.push(decision);
        bytes += decision.value.length;
      }
      if (bytes > bytesMax) break;
    }
    return decisions;
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
    this.#db.exec('DELETE FROM runs; DELETE FROM events; DELETE FROM approvals; DELETE FROM positions;');
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

/** Decisions of one batch by run: what a run did meanwhile is one row. */
function chunksOf(decisions: readonly StoredDecision[]): Map<string, StoredDecision[]> {
  const chunks = new Map<string, StoredDecision[]>();
  for (const decision of decisions) {
    const chunk = chunks.get(decision.runId);
    if (chunk === undefined) chunks.set(decision.runId, [decision]);
    else chunk.push(decision);
  }
  return chunks;
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
