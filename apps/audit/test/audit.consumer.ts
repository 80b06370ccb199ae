import type { StoredRecord } from '@interlock/broker';
import { auditHeaders } from '@interlock/contracts';

export const textOf = (record: StoredRecord, name: keyof typeof auditHeaders): string | undefined => {
  const bytes = record.headers[auditHeaders[name]];
  return bytes && Buffer.from(bytes).toString('utf8');
};

/** A record byte for byte, its place aside. */
export const bytesOf = ({ key, headers, value }: StoredRecord): string =>
  JSON.stringify([
    key,
    Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
    Buffer.from(value ?? []).toString('base64'),
  ]);

export interface Consumed {
  /** What a consumer of the documented two lines keeps, in order. */
  readonly kept: StoredRecord[];
  readonly repeats: number;
  readonly gaps: string[];
  /** Repeats that were not the same bytes. */
  readonly different: string[];
}

/** Reads one partition as the documentation tells consumers to, and notes what it must never see. */
export function consume(records: Iterable<StoredRecord>): Consumed {
  const last = new Map<string, number>();
  const first = new Map<string, string>();
  const consumed = {
    kept: [] as StoredRecord[],
    repeats: 0,
    gaps: [] as string[],
    different: [] as string[],
  };
  for (const record of records) {
    const run = textOf(record, 'subject') ?? '';
    const seq = Number(textOf(record, 'seq') ?? 0);
    if (seq === 0) continue;
    const id = `${run}/${seq}`;
    if (seq <= (last.get(run) ?? 0)) {
      consumed.repeats += 1;
      if (first.get(id) !== bytesOf(record)) consumed.different.push(id);
      continue;
    }
    if (seq !== (last.get(run) ?? 0) + 1) consumed.gaps.push(`${id} after ${last.get(run)}`);
    last.set(run, seq);
    first.set(id, bytesOf(record));
    consumed.kept.push(record);
  }
  return consumed;
}
