import { auditEvents } from '@interlock/contracts';
import { acceptedOf, type StoredLog } from '../../e2e/stored.log.ts';
import { ForeignReader } from './foreign.reader.ts';

/** A record of the stream as a reader in another language has it. */
export interface ReadRecord {
  readonly run: string;
  readonly seq: number;
  /** Everything of it but its place, as text. */
  readonly bytes: string;
  /** When it was written, UTC ms; 0: the reader does not say. */
  readonly at: number;
}

const partitionArguments = ['-t', auditEvents.name, '-o', 'beginning'];

/** Debian's kcat: every record in JSON, with its headers in their order. */
export const kcat = (brokers: string): ForeignReader =>
  new ForeignReader('kcat', ['-C', '-q', '-u', '-J', '-b', brokers, ...partitionArguments], brokers);

/** The Python example, repeats included. */
export const python = (brokers: string): ForeignReader =>
  new ForeignReader('/usr/bin/python3', ['examples/audit-consumers/consume.py', '--all'], brokers);

export function fromKcat(line: string): ReadRecord {
  const { headers, key, payload, ts } = JSON.parse(line);
  const value = (name: string) => headers[headers.indexOf(name) + 1] as string;
  return {
    run: value('ce_subject'),
    seq: headers.includes('ce_seq') ? Number(value('ce_seq')) : 0,
    bytes: JSON.stringify([key, headers, payload]),
    at: ts,
  };
}

export function fromPython(line: string): ReadRecord {
  const { run, seq, headers, data } = JSON.parse(line);
  return { run, seq, bytes: JSON.stringify([headers, data]), at: 0 };
}

export interface Followed {
  /** `run/seq` of what the two lines let through, by run. */
  readonly runs: ReadonlyMap<string, readonly number[]>;
  readonly kept: number;
  readonly gaps: readonly string[];
  readonly different: readonly string[];
  readonly repeats: readonly ReadRecord[];
}

/** Reads records as the documentation tells consumers to. */
export function followed(records: readonly ReadRecord[]): Followed {
  const runs = new Map<string, number[]>();
  const first = new Map<string, string>();
  const [gaps, different]: [string[], string[]] = [[], []];
  const repeats: ReadRecord[] = [];
  let kept = 0;
  for (const record of records) {
    const { run, seq, bytes } = record;
    if (seq === 0) continue;
    const seen = runs.get(run) ?? [];
    const last = seen.at(-1) ?? 0;
    if (seq <= last) {
      repeats.push(record);
      if (first.get(`${run}/${seq}`) !== bytes) different.push(`${run}/${seq}`);
      continue;
    }
    if (seq !== last + 1) gaps.push(`${run}/${seq} after ${last}`);
    first.set(`${run}/${seq}`, bytes);
    runs.set(run, [...seen, seq]);
    kept += 1;
  }
  return { runs, kept, gaps, different, repeats };
}

/** How many events each run has, by what every reader of the log accepts. */
export function eventsOfRuns(log: StoredLog): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { meta } of acceptedOf(log, 'run.events')) {
    const { run, seq } = meta;
    if (run !== undefined && seq !== undefined) counts.set(run, seq);
  }
  return counts;
}
