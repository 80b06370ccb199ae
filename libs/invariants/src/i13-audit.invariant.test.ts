import { AUDIT_CATALOGUE, auditHeaders, auditTypeOf, placedHeaders, RunHead } from '@interlock/contracts';
import type { Accepted, ReadRecord } from '@interlock/log';
import { expect, test } from 'vitest';
import { auditIsComplete } from './i13-audit.invariant.js';
import type { Reading } from './reading.js';

const link = (n: number) => new Uint8Array(32).fill(n);
const accepted = [1, 2, 3].map(
  (seq) =>
    ({
      wires: ['step.skipped/1'],
      meta: { id: `r/${seq}`, run: 'r', seq, epoch: 0, index: seq, time: 0 },
      offset: seq + 1,
      previous: link(seq - 1),
      hash: link(seq),
    }) as unknown as Accepted,
);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const published = (
  { wires: [wire = ''], meta, offset, previous, hash }: Accepted,
  value = '{}',
): ReadRecord => ({
  offset: 0,
  key: 'r',
  headers: Object.fromEntries(
    Object.entries({
      [auditHeaders.id]: meta.id,
      [auditHeaders.type]: auditTypeOf(wire),
      [auditHeaders.subject]: 'r',
      [auditHeaders.seq]: String(meta.seq),
      [auditHeaders.sourceoffset]: String(offset),
      [auditHeaders.prevhash]: hex(previous),
      [auditHeaders.hash]: hex(hash),
    }).map(([name, text]) => [name, Buffer.from(text)]),
  ),
  value: Buffer.from(value),
});
const [one, two, three] = accepted.map((event) => published(event)) as [ReadRecord, ReadRecord, ReadRecord];
const head: ReadRecord = { offset: 0, key: 'r', headers: {}, value: Buffer.from('{}') };
const catalogue: ReadRecord = { offset: 0, key: '', headers: placedHeaders(AUDIT_CATALOGUE), value: null };
/** The head of the run at event `seq`, with how far the stream goes. */
const placed = (seq: number, hash: Uint8Array, upTo: Uint8Array = hash): ReadRecord => ({
  offset: 0,
  key: 'r',
  headers: placedHeaders(auditTypeOf(RunHead.wire), {
    offset: seq + 2,
    epoch: 0,
    index: seq,
    hash: hex(upTo),
  }),
  value: Buffer.from(
    JSON.stringify({
      head: { runId: 'r', seq, hash: hex(hash), time: new Date(0).toISOString(), keyId: 'k' },
      signature: '',
    }),
  ),
});
const found = (records: readonly ReadRecord[]) =>
  auditIsComplete({
    fenced: [{ topic: 'run.events', partition: 0, accepted, positions: [] }],
    view: { topics: new Map([['audit.events', [records]]]) },
  } as unknown as Reading).length;

test.each([
  ['all of it', [one, two, three]],
  ['a stream that is behind', [one]],
  ['heads alone, behind what is left out', [catalogue, placed(1, link(1)), placed(3, link(3))]],
  ['repeats behind a failover, and a signed head', [one, two, one, two, head, three]],
])('%s is a stream without a fault', (_what, records) => {
  expect(found(records)).toBe(0);
});

test.each([
  ['a gap', [one, three]],
  ['a beginning that is missing', [two, three]],
  ['another order', [two, one]],
  ['a repeat of other bytes', [one, published(accepted[0] as Accepted, '{"a":1}')]],
  [
    'an event that nobody accepted',
    [
      one,
      two,
      three,
      published({ ...accepted[0], meta: { ...accepted[0]?.meta, id: 'r/4', seq: 4 } } as Accepted),
    ],
  ],
  ['a head with another hash', [catalogue, placed(2, link(9), link(2))]],
  ['a place where another record is', [catalogue, placed(2, link(2), link(9))]],
  ['a place without what is left out in front of it', [placed(2, link(2))]],
  ['another hash', [published({ ...accepted[0], hash: link(9) } as Accepted)]],
])('%s is found', (_what, records) => {
  expect(found(records)).toBeGreaterThan(0);
});
