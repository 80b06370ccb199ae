import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { EVERY_TENANT } from '@interlock/contracts';
import { type ApprovalRecord, votersOf } from './approval.fold.js';
import { rowsOfPage } from './page.bytes.js';
import type { Reach } from './read-model.js';

export const approvalSchema = `
  CREATE TABLE IF NOT EXISTS approvals (
    approval TEXT PRIMARY KEY, run TEXT NOT NULL, tenant TEXT NOT NULL, status TEXT NOT NULL, opened INTEGER NOT NULL, roles TEXT NOT NULL,
    record TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS approvals_newest ON approvals (opened DESC, approval DESC);
  CREATE INDEX IF NOT EXISTS approvals_of_tenant ON approvals (tenant, opened DESC, approval DESC);
  CREATE INDEX IF NOT EXISTS approvals_by_status ON approvals (status, opened DESC, approval DESC);
  CREATE INDEX IF NOT EXISTS approvals_by_run ON approvals (run, status);
`;

export interface ApprovalFilter {
  readonly reach: Reach;
  readonly status?: string;
  /** One of the roles that may vote. */
  readonly role?: string;
  readonly runId?: string;
  readonly before?: { readonly opened: number; readonly approval: string };
  readonly limit: number;
}

/** The approvals' table of the read model. */
export class ApprovalTable {
  /** @param sql a prepared statement of a text, remembered */
  constructor(private readonly sql: (text: string) => StatementSync) {}

  write(approvals: Iterable<ApprovalRecord>): void {
    const insert = this.sql('INSERT OR REPLACE INTO approvals VALUES (?, ?, ?, ?, ?, ?, ?)');
    for (const record of approvals) {
      const { approvalId, runId, tenant = '', status, openedAt } = record;
      const roles = JSON.stringify(votersOf(record));
      insert.run(approvalId, runId, tenant, status, openedAt, roles, JSON.stringify(record));
    }
  }

  find(approvalId: string): ApprovalRecord | undefined {
    const row = this.sql('SELECT record FROM approvals WHERE approval = ?').get(approvalId);
    return row && recordOf(row);
  }

  pendingOf(runId: string): ApprovalRecord[] {
    const text = `SELECT record FROM approvals WHERE run = ? AND status = 'pending'`;
    return this.sql(text).all(runId).map(recordOf);
  }

  /** Newest first. */
  list({ reach, status, role, runId, before, limit }: ApprovalFilter): ApprovalRecord[] {
    const terms: string[] = [];
    const values: SQLInputValue[] = [];
    const where = (term: string, ...bound: SQLInputValue[]) => {
      terms.push(term);
      values.push(...bound);
    };
    if (reach !== EVERY_TENANT) where('tenant = ?', reach);
    if (status !== undefined) where('status = ?', status);
    if (runId !== undefined) where('run = ?', runId);
    if (role !== undefined) where('EXISTS (SELECT 1 FROM json_each(roles) WHERE value = ?)', role);
    if (before !== undefined) where('(opened, approval) < (?, ?)', before.opened, before.approval);
    const filter = terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`;
    const text = `SELECT record FROM approvals ${filter} ORDER BY opened DESC, approval DESC LIMIT ?`;
    const rows = this.sql(text).iterate(...values, limit) as Iterable<unknown> as Iterable<{
      record: string;
    }>;
    return rowsOfPage(rows, ({ record }) => record.length).map(recordOf);
  }
}

const recordOf = (row: object): ApprovalRecord => JSON.parse((row as { record: string }).record);
