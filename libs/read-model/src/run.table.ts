import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { EVERY_TENANT } from '@interlock/contracts';
import { rowsOfPage } from './page.bytes.js';
import type { Reach, Tenant } from './read-model.js';
import type { RunRow } from './read-store.js';
import type { Drive, Range } from './search/drive.js';
import { facetRows, type RunFacets } from './search/run.facets.js';
import type { Candidate, RunIndexes, RunPlace } from './search/run.search.js';
import { wordsQuery } from './search/words.query.js';

/**
 * Runs, what each is found by (one row a facet, in the order of time within a value), and the words that stand in it, without the text
 * that they stand in.
 */
export const runSchema = `
  CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY, run TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL, status TEXT NOT NULL, workflow TEXT NOT NULL,
    started INTEGER NOT NULL, seq INTEGER NOT NULL, request TEXT NOT NULL, facets TEXT NOT NULL, body TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS runs_newest ON runs (started DESC, run DESC);
  CREATE INDEX IF NOT EXISTS runs_of_tenant ON runs (tenant, started DESC, run DESC);
  CREATE TABLE IF NOT EXISTS facets (
    tenant TEXT NOT NULL, facet TEXT NOT NULL, value NOT NULL, started INTEGER NOT NULL, run TEXT NOT NULL,
    PRIMARY KEY (tenant, facet, value, started, run)
  ) WITHOUT ROWID;
  CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
    text, content='', contentless_delete=1, detail=full, tokenize='unicode61 remove_diacritics 2'
  );
`;

type Sql = (text: string) => StatementSync;

/** What is stored of a run and decides where it stands in the indexes. */
interface Indexed {
  readonly id: number;
  readonly tenant: Tenant;
  readonly started: number;
  readonly facets: string;
}

/** The runs' tables of the read model. */
export class RunTable {
  /** @param sql a prepared statement of a text, remembered */
  constructor(private readonly sql: Sql) {}

  find(runId: string): RunRow | undefined {
    const columns = 'run, tenant, status, workflow, started, seq, request, facets, body';
    return this.sql(`SELECT ${columns} FROM runs WHERE run = ?`).get(runId) as RunRow | undefined;
  }

  write(rows: Iterable<RunRow>): void {
    for (const row of rows) {
      const before = this.sql('SELECT id, tenant, started, facets FROM runs WHERE run = ?').get(row.run) as
        | Indexed
        | undefined;
      const { run, tenant, status, workflow, started, seq, request, facets, body, words } = row;
      const values = [run, tenant, status, workflow, started, seq, request, facets, body];
      const { lastInsertRowid } = this.sql(upsert).run(...values);
      this.#index(before, row);
      if (words !== undefined)
        this.sql('INSERT OR REPLACE INTO words (rowid, text) VALUES (?, ?)').run(
          before?.id ?? lastInsertRowid,
          words,
        );
    }
  }

  /** As many of them as are a little more than a page, in their order. */
  bodies(runs: readonly Pick<RunRow, 'run'>[]): string[] {
    return rowsOfPage(this.#bodies(runs), ({ length }) => length);
  }

  *#bodies(runs: readonly Pick<RunRow, 'run'>[]): Iterable<string> {
    const sql = this.sql('SELECT body FROM runs WHERE run = ?');
    for (const { run } of runs) yield (sql.get(run) as Pick<RunRow, 'body'> | undefined)?.body ?? '';
  }

  /** The indexes, as far as somebody may see what there is. */
  within(reach: Reach): RunIndexes {
    return new ReachedRuns(this.sql, reach);
  }

  #index(before: Indexed | undefined, { run, tenant, started, facets }: RunRow): void {
    const isMoved = before !== undefined && (before.tenant !== tenant || before.started !== started);
    if (before?.facets === facets && !isMoved) return;
    const keyOf = ([name, value]: readonly [string, string | number]) => `${typeof value}${name}\0${value}`;
    const old = before === undefined ? [] : facetRows(JSON.parse(before.facets) as RunFacets);
    const now = facetRows(JSON.parse(facets) as RunFacets);
    const kept = isMoved ? new Set<string>() : new Set(old.map(keyOf));
    const still = isMoved ? new Set<string>() : new Set(now.map(keyOf));
    const remove = this.sql(
      'DELETE FROM facets WHERE tenant = ? AND facet = ? AND value = ? AND started = ? AND run = ?',
    );
    for (const one of old)
      if (before !== undefined && !still.has(keyOf(one)))
        remove.run(before.tenant, ...one, before.started, run);
    const insert = this.sql('INSERT OR IGNORE INTO facets VALUES (?, ?, ?, ?, ?)');
    for (const one of now) if (!kept.has(keyOf(one))) insert.run(tenant, ...one, started, run);
  }
}

const upsert = `
  INSERT INTO runs (run, tenant, status, workflow, started, seq, request, facets, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (run) DO UPDATE SET tenant = excluded.tenant, status = excluded.status, workflow = excluded.workflow,
    started = excluded.started, seq = excluded.seq, request = excluded.request, facets = excluded.facets, body = excluded.body`;

/** A condition of a query, and what is bound to it. */
interface Term {
  readonly text: string;
  readonly bound: readonly SQLInputValue[];
}

const term = (text: string, ...bound: SQLInputValue[]): Term => ({ text, bound });
const joined = (terms: readonly Term[]): string =>
  terms.length === 0 ? '' : `WHERE ${terms.map(({ text }) => text).join(' AND ')}`;
const boundBy = (terms: readonly Term[]): SQLInputValue[] => terms.flatMap(({ bound }) => bound);
const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

class ReachedRuns implements RunIndexes {
  constructor(
    private readonly sql: Sql,
    private readonly reach: Reach,
  ) {}

  sizes(drives: readonly Drive[], most: number): readonly number[] {
    return drives.map((drive) => {
      const { from, terms } = this.#walk(drive);
      const text = `SELECT count(*) AS size FROM (SELECT 1 FROM ${from} ${joined(terms)} LIMIT ${most})`;
      return (this.sql(text).get(...boundBy(terms)) as { size: number }).size;
    });
  }

  candidates(
    drive: Drive,
    before: RunPlace | undefined,
    since: number | undefined,
    limit: number,
  ): readonly Candidate[] {
    const { from, place, terms } = this.#walk(drive);
    if (before !== undefined)
      terms.push(term(`(${place}.started, ${place}.run) < (?, ?)`, before.started, before.run));
    if (since !== undefined) terms.push(term(`${place}.started >= ?`, since));
    // A run that has several of the values of one field stands there once for each.
    const text = `SELECT DISTINCT r.run, r.started, r.facets FROM ${from} ${joined(terms)}
      ORDER BY ${place}.started DESC, ${place}.run DESC LIMIT ?`;
    const single = drive.kind === 'facet' && drive.values.length > 1 ? text : text.replace('DISTINCT ', '');
    return this.sql(single).all(...boundBy(terms), limit) as unknown as Candidate[];
  }

  /** Runs that are looked at together mostly lie side by side: the words between the first and the last of them are read once. */
  holding(texts: readonly string[], runs: readonly Candidate[]): readonly Candidate[] {
    const idOf = this.sql('SELECT id FROM runs WHERE run = ?');
    const ids = runs.map(({ run }) => (idOf.get(run) as Pick<Indexed, 'id'> | undefined)?.id ?? -1);
    const held = this.#heldBetween(wordsQuery(texts), Math.min(...ids), Math.max(...ids));
    return runs.filter((_, at) => held.has(ids[at] ?? -1));
  }

  #heldBetween(query: string, first: number, last: number): ReadonlySet<number> {
    const sql = this.sql('SELECT rowid FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ?');
    return new Set((sql.all(query, first, last) as { rowid: number }[]).map(({ rowid }) => rowid));
  }

  /** Which tables an index is walked in, with the alias of the one that says where a run stands. */
  #walk(drive: Drive): { from: string; place: 'r' | 'f'; terms: Term[] } {
    switch (drive.kind) {
      case 'time':
        return { from: 'runs r', place: 'r', terms: this.#ofTenant('r') };
      case 'words': {
        const matching = term('words MATCH ?', wordsQuery(drive.texts));
        return {
          from: 'words CROSS JOIN runs r ON r.id = words.rowid',
          place: 'r',
          terms: [matching, ...this.#ofTenant('r')],
        };
      }
      case 'facet': {
        const values = term(`f.value IN (${marks(drive.values)})`, ...drive.values);
        return this.#inFacets(drive.name, [values]);
      }
      case 'range':
        return this.#inFacets(drive.name, rangeTerms(drive.range));
    }
  }

  #inFacets(name: string, terms: readonly Term[]) {
    return {
      from: 'facets f CROSS JOIN runs r ON r.run = f.run',
      place: 'f' as const,
      terms: [...this.#tenants('f'), term('f.facet = ?', name), ...terms],
    };
  }

  #ofTenant(alias: 'r'): Term[] {
    return this.reach === EVERY_TENANT ? [] : [term(`${alias}.tenant = ?`, this.reach)];
  }

  /** The index begins with the tenant: who sees all of them looks for each. */
  #tenants(alias: 'f'): Term[] {
    if (this.reach !== EVERY_TENANT) return [term(`${alias}.tenant = ?`, this.reach)];
    const all = this.sql(everyTenant).all() as { tenant: Tenant }[];
    return [term(`${alias}.tenant IN (${marks(all)})`, ...all.map(({ tenant }) => tenant))];
  }
}

/** A step of the index for each tenant, however many runs there are. */
const everyTenant = `
  WITH RECURSIVE known (tenant) AS (
    SELECT min(tenant) FROM runs UNION ALL SELECT (SELECT min(tenant) FROM runs WHERE tenant > known.tenant) FROM known WHERE tenant IS NOT NULL
  ) SELECT tenant FROM known WHERE tenant IS NOT NULL`;

/** Numbers come before texts: a bound on one side is closed on the other by what ends its type. */
function rangeTerms({ type, from, to }: Range): Term[] {
  const terms: Term[] = [];
  if (from !== undefined) terms.push(term(`f.value ${from.isIncluded ? '>=' : '>'} ?`, from.value));
  else if (type === 'string') terms.push(term(`f.value >= ''`));
  if (to !== undefined) terms.push(term(`f.value ${to.isIncluded ? '<=' : '<'} ?`, to.value));
  else if (type === 'number') terms.push(term(`f.value < ''`));
  return terms;
}
