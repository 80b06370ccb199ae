import {
  AUDIT_CATALOGUE,
  auditEvents,
  auditHeaders,
  auditPlaceOf,
  auditTypeOf,
  RunHead,
  runEvents,
} from '@interlock/contracts';
import { type Accepted, eventId, isClaim, metaOfPart, type ReadRecord } from '@interlock/log';
import type { Reading } from './reading.js';
import type { Invariant, Violation } from './view.js';

/**
 * I13: the audit stream is the accepted events of `run.events`, in their order, from the first on and without a gap; whatever comes
 * twice is the same bytes. Where events are derived, the places that say how far they go are places of that log, and what is left out
 * is known in front of them. Each head is that of its run. How far the stream goes is not checked: it may be behind.
 */
export const auditIsComplete: Invariant = (reading) =>
  (reading.view.topics.get(auditEvents.name) ?? []).flatMap((records, partition) => {
    const events = eventsOf(reading, partition);
    return [
      ...violationsOf(events, records, partition),
      ...headViolationsOf(events, records, partition),
      ...placeViolationsOf(events, records, partition),
    ];
  });

const violation = (partition: number, { offset }: ReadRecord, message: string, run?: string): Violation => ({
  invariant: 'I13',
  ...(run !== undefined && { run }),
  message: `${auditEvents.name}/${partition} at offset ${offset}: ${message}`,
});

const HEAD = auditTypeOf(RunHead.wire);

function headViolationsOf(events: readonly Expected[], records: readonly ReadRecord[], partition: number) {
  const hashes = new Map(events.map(({ meta, hash }) => [meta.id, hexOf(hash)]));
  return records.flatMap((record) => {
    if (text(record, auditHeaders.type) !== HEAD) return [];
    const { head } = RunHead.schema.parse(JSON.parse(Buffer.from(record.value ?? []).toString('utf8')));
    if (hashes.get(eventId(head.runId, head.seq)) === head.hash) return [];
    return [violation(partition, record, `the head of event ${head.seq} has another hash`, head.runId)];
  });
}

function placeViolationsOf(events: readonly Expected[], records: readonly ReadRecord[], partition: number) {
  const hashes = new Map(events.map(({ offset, hash }) => [offset, hexOf(hash)]));
  let isCatalogued = false;
  return records.flatMap((record) => {
    isCatalogued ||= text(record, auditHeaders.type) === AUDIT_CATALOGUE;
    const place = auditPlaceOf(record.headers);
    if (place === undefined) return [];
    if (!isCatalogued) return [violation(partition, record, 'nothing says what is left out up to here')];
    if (hashes.get(place.offset - 1) === place.hash) return [];
    return [
      violation(partition, record, `it goes up to offset ${place.offset - 1}, where another record is`),
    ];
  });
}

function violationsOf(events: readonly Expected[], records: readonly ReadRecord[], partition: number) {
  const violations: Violation[] = [];
  const first = new Map<string, ReadRecord>();
  let next = 0;
  for (const record of records) {
    const run = text(record, auditHeaders.subject);
    const seq = text(record, auditHeaders.seq);
    if (seq === '') continue;
    const id = `${run}/${seq}`;
    const say = (message: string) => violations.push(violation(partition, record, `${id} ${message}`, run));
    const before = first.get(id);
    if (before !== undefined) {
      if (bytesOf(before) !== bytesOf(record)) say('comes again with other bytes');
      continue;
    }
    first.set(id, record);
    const expected = events[next];
    if (expected !== undefined && tellsOf(record, expected)) next += 1;
    else say(`comes where ${expected?.meta.id ?? 'nothing'} has to come`);
  }
  return violations;
}

/** An event as the stream has to tell of it: behind the first of its record stands the record itself. */
interface Expected extends Pick<Accepted, 'meta' | 'offset' | 'previous' | 'hash'> {
  readonly wire: string;
}

const eventsOf = ({ fenced }: Reading, partition: number): Expected[] =>
  fenced
    .filter((one) => one.topic === runEvents.name && one.partition === partition)
    .flatMap(({ accepted }) => accepted.filter((taken) => !isClaim(taken) && taken.meta.run !== undefined))
    .flatMap(({ wires, meta, offset, previous, hash }) =>
      wires.map((wire, part) => ({
        wire,
        meta: metaOfPart(meta, part),
        offset,
        previous: part === 0 ? previous : hash,
        hash,
      })),
    );

const tellsOf = (record: ReadRecord, { wire, meta, offset, previous, hash }: Expected): boolean =>
  text(record, auditHeaders.id) === meta.id &&
  text(record, auditHeaders.type) === auditTypeOf(wire) &&
  text(record, auditHeaders.sourceoffset) === String(offset) &&
  text(record, auditHeaders.prevhash) === hexOf(previous) &&
  text(record, auditHeaders.hash) === hexOf(hash);

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const text = ({ headers }: ReadRecord, name: string): string =>
  Buffer.from(headers[name] ?? []).toString('utf8');

const bytesOf = ({ key, headers, value }: ReadRecord): string =>
  JSON.stringify([
    key,
    Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
    Buffer.from(value ?? []).toString('base64'),
  ]);
