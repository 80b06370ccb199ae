import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Broker, StoredRecord } from '@interlock/broker';
import {
  auditEvents,
  Catalogue,
  catalogueOf,
  hostEvents,
  type RunEvent,
  runEvents,
  topics,
} from '@interlock/contracts';
import { checkRunAlone, type ExportedEvent } from '@interlock/invariants';
import { FencedReader, isClaim, partsOf } from '@interlock/log';
import { describeRun, foldRun, STATE_VERSION, stateHash } from '@interlock/run';
import { auditStreamIn } from '../e2e/stored.log.ts';

/** Every record of every topic but caches, partition by partition, byte for byte. */
export type GoldenLog = ReadonlyMap<string, readonly (readonly StoredRecord[])[]>;

/** What a release that can read the log finds in it. */
export interface Found {
  /** Accepted messages of fenced topics, by topic and type with its version. */
  readonly accepted: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Records of fenced topics that no reader takes: of deposed hosts. */
  readonly ignored: number;
  readonly runs: Readonly<Record<string, FoundRun>>;
  /** SHA-256 over the records of the audit stream; absent where none was published. */
  readonly audit?: string;
}

export interface FoundRun {
  readonly status: string;
  readonly seq: number;
  /** Own hash of its last record, hexadecimal. */
  readonly hash: string;
  readonly stateVersion: number;
  readonly stateHash: string;
}

interface Line extends Omit<StoredRecord, 'headers' | 'value'> {
  readonly topic: string;
  readonly partition: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string | null;
}

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

export function writeGolden(file: string, log: GoldenLog): void {
  const caches = new Set(topics.flatMap(({ name, kind }) => (kind === 'cache' ? [name] : [])));
  const kept = [...log].filter(([topic]) => !caches.has(topic));
  const lines = kept.flatMap(([topic, partitions]) =>
    partitions.flatMap((records, partition) => records.map((record) => packed(topic, partition, record))),
  );
  writeFileSync(pathOf(`${file}.ndjson.gz`), gzipSync(lines.join('\n'), { level: 9 }));
}

function packed(topic: string, partition: number, { key, offset, headers, value }: StoredRecord): string {
  const line: Line = {
    topic,
    partition,
    offset,
    key,
    headers: Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, base64(bytes)])),
    value: value === null ? null : base64(value),
  };
  return JSON.stringify(line);
}

export function readGolden(file: string): GoldenLog {
  const log = new Map<string, StoredRecord[][]>();
  for (const text of gunzipSync(readFileSync(pathOf(`${file}.ndjson.gz`)))
    .toString()
    .split('\n')) {
    const { topic, partition, offset, key, headers, value }: Line = JSON.parse(text);
    const partitions = log.get(topic) ?? [];
    log.set(topic, partitions);
    while (partitions.length <= partition) partitions.push([]);
    const bytes = Object.entries(headers).map(
      ([header, held]) => [header, Buffer.from(held, 'base64')] as const,
    );
    const record = { key, offset, headers: Object.fromEntries(bytes) };
    partitions[partition]?.push({ ...record, value: value === null ? null : Buffer.from(value, 'base64') });
  }
  return log;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/**
 * Reads a log with today's code: what it accepts, validates, folds and shows.
 * @throws {BrokenMessageError}, {UnknownMessageError}, {CorruptLogError} today's code cannot read it
 */
export async function foundIn(log: GoldenLog): Promise<Found> {
  const accepted: Record<string, Record<string, number>> = {};
  const events = new Map<string, ExportedEvent[]>();
  const last = new Map<string, { seq: number; hash: string }>();
  const hosts = new Catalogue(hostEvents);
  let ignored = 0;
  for (const { name } of topics.filter(({ kind }) => kind === 'fenced')) {
    const catalogue = catalogueOf({ name });
    const counts: Record<string, number> = {};
    (log.get(name) ?? []).forEach((records, partition) => {
      const reader = new FencedReader(name, partition);
      for (const record of records) {
        const taken = reader.take(record);
        if (taken === undefined) ignored += 1;
        else if (!isClaim(taken))
          for (const { wire, meta, data } of partsOf(taken, record.value)) {
            counts[wire] = (counts[wire] ?? 0) + 1;
            const { run, seq = 0 } = meta;
            const message = (hosts.knows(wire) ? hosts : catalogue).validData(wire, data);
            if (name !== runEvents.name || run === undefined) continue;
            const own = events.get(run) ?? [];
            events.set(run, own);
            own.push({ ...(message as RunEvent), meta });
            last.set(run, { seq, hash: Buffer.from(taken.hash).toString('hex') });
          }
      }
    });
    if (Object.keys(counts).length > 0) accepted[name] = sorted(counts);
  }
  const runs = [...events].map(([run, own]) => [run, foundRun(run, own, last.get(run))] as const);
  const audit = await auditDigestOf(log);
  return { accepted, ignored, runs: sorted(Object.fromEntries(runs)), ...(audit && { audit }) };
}

function foundRun(
  run: string,
  events: readonly ExportedEvent[],
  { seq, hash }: { seq: number; hash: string } = { seq: 0, hash: '' },
): FoundRun {
  const broken = checkRunAlone(run, events).map(({ invariant, message }) => `${invariant}: ${message}`);
  if (broken.length > 0) throw new Error(`${run}: ${broken.join('; ')}`);
  const state = foldRun(
    run,
    events.map(({ meta, ...event }) => ({ ...event, id: meta.id, seq: meta.seq ?? 0, time: meta.time })),
  );
  if (state === undefined) throw new Error(`${run} was never started`);
  const { status } = describeRun(state);
  return { status, seq, hash, stateVersion: STATE_VERSION, stateHash: stateHash(state) };
}

async function auditDigestOf(log: GoldenLog): Promise<string | undefined> {
  const published = log.get(auditEvents.name) ?? [];
  if (published.every((records) => records.length === 0)) return undefined;
  const digest = createHash('sha256');
  for (const { key, headers, value } of await auditStreamIn(readOnly(log))) {
    digest.update(`\n${key}\n`);
    for (const [name, bytes] of Object.entries(headers))
      digest.update(`${name}: `).update(bytes).update('\n');
    digest.update(value ?? '');
  }
  return digest.digest('hex');
}

function readOnly(log: GoldenLog): Pick<Broker, 'isOpenToOthers' | 'partitions' | 'bounds' | 'read'> {
  const recordsOf = (topic: string, partition: number) => log.get(topic)?.[partition] ?? [];
  return {
    isOpenToOthers: false,
    partitions: async (topic) => log.get(topic)?.length ?? 0,
    bounds: async (topic, partition) => ({
      start: recordsOf(topic, partition)[0]?.offset ?? 0,
      end: (recordsOf(topic, partition).at(-1)?.offset ?? -1) + 1,
    }),
    async *read(topic, partition, from) {
      yield recordsOf(topic, partition).filter(({ offset }) => offset >= from);
    },
  };
}

const sorted = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
