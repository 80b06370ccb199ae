import { auditEvents, auditHeaders, auditTypeOf, runEvents } from '@interlock/contracts';
import { type Accepted, isClaim, metaOfPart, type ReadRecord } from '@interlock/log';
import type { Reading } from './reading.js';
import type { Invariant, Violation } from './view.js';

/**
 * I13: the audit stream is the accepted events of `run.events`, in their order, from the first on and without a gap; whatever comes
 * twice is the same bytes. How far it goes is not checked: it may be behind.
 */
export const auditIsComplete: Invariant = (reading) =>
  (reading.view.topics.get(auditEvents.name) ?? []).flatMap((records, partition) =>
    violationsOf(eventsOf(reading, partition), records, partition),
  );

function violationsOf(events: readonly Told[], records: readonly ReadRecord[], partition: number) {
  const violations: Violation[] = [];
  const first = new Map<string, ReadRecord>();
  let next = 0;
  for (const record of records) {
    const run = text(record, auditHeaders.subject);
    const seq = text(record, auditHeaders.seq);
    if (seq === '') continue;
    const id = `${run}/${seq}`;
    const say = (message: string) =>
      violations.push({
        invariant: 'I13',
        run,
        message: `${auditEvents.name}/${partition} at offset ${record.offset}: ${id} ${message}`,
      });
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
interface Told extends Pick<Accepted, 'meta' | 'offset' | 'previous' | 'hash'> {
  readonly wire: string;
}

const eventsOf = ({ fenced }: Reading, partition: number): Told[] =>
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

const tellsOf = (record: ReadRecord, { wire, meta, offset, previous, hash }: Told): boolean =>
  text(record, auditHeaders.id) === meta.id &&
  text(record, auditHeaders.type) === auditTypeOf(wire) &&
  text(record, auditHeaders.sourceoffset) === String(offset) &&
  text(record, auditHeaders.prevhash) === Buffer.from(previous).toString('hex') &&
  text(record, auditHeaders.hash) === Buffer.from(hash).toString('hex');

const text = ({ headers }: ReadRecord, name: string): string =>
  Buffer.from(headers[name] ?? []).toString('utf8');

const bytesOf = ({ key, headers, value }: ReadRecord): string =>
  JSON.stringify([
    key,
    Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
    Buffer.from(value ?? []).toString('base64'),
  ]);
