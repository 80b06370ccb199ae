import { gzipSync } from 'node:zlib';
import { type NewRecord, RenewingProducer } from '@interlock/broker';
import type { SimulatedCluster } from '@interlock/broker/simulated';
import { AUDIT_CATALOGUE, auditEvents, leftOut, placedHeaders } from '@interlock/contracts';
import {
  catalogueRecord,
  packCatalogue,
  presentCatalogue,
  RedactionUnknownError,
} from '@interlock/projection';
import { ProcessUnderTest, seededRandom, type VirtualTime } from '@interlock/simulation';
import { beforeEach, expect, test } from 'vitest';
import { completed, recorded, requestedCall, started } from '../../../libs/projection/test/run-events.js';
import type { RunLog } from '../../../libs/projection/test/run-log.js';
import { bytesOf, consume, textOf } from '../test/audit.consumer.js';
import { derivedFrom } from '../test/derived.stream.js';
import { anchor, manifests } from '../test/signing.js';
import { simulatedAudit } from '../test/simulated.audit.js';
import { AuditPublisher } from './audit.publisher.js';
import { ForeignAuditError } from './audit.tail.js';

let time: VirtualTime;
let cluster: SimulatedCluster;
let log: RunLog;
beforeEach(() => {
  ({ time, cluster, log } = simulatedAudit());
});

const kept = () => {
  const stored = cluster.stored(auditEvents.name, 0);
  return stored.slice(stored.start, Number.POSITIVE_INFINITY);
};
/** Puts these records in the place of what is stored. */
function replaceBy(records: readonly NewRecord[]): void {
  const stored = cluster.stored(auditEvents.name, 0);
  stored.trim(stored.bounds.end);
  stored.land(records);
}
const pass = (ms: number) => time.runUntil(time.now() + ms, () => false);
const run = (n: number) => {
  log.append(`run-${n}`, [started(n)]);
  log.decide(`run-${n}`, [requestedCall(n), recorded(n), completed]);
};

async function publish(stores: 'events' | 'heads', name: string): Promise<AuditPublisher> {
  const under = new ProcessUnderTest(name, cluster, time, seededRandom(2));
  const { broker, runtime } = under;
  const ports = {
    broker,
    stores,
    runtime,
    manifests,
    anchor,
    producer: new RenewingProducer(broker),
    note: () => {},
  };
  const publisher = new AuditPublisher(ports, (error) => {
    throw error;
  });
  void publisher.start();
  await pass(3_000);
  under.kill();
  await pass(10_000);
  return publisher;
}

/** As a release that shows less would have written it. */
const olderCatalogue = (): NewRecord => ({
  key: 'catalogue',
  headers: placedHeaders(AUDIT_CATALOGUE),
  value: packCatalogue(new Map([...presentCatalogue, ['call.requested/1', leftOut]])),
});
const catalogues = () => kept().filter((record) => textOf(record, 'type') === AUDIT_CATALOGUE);
const callOf = async (n: number) =>
  (await derivedFrom(cluster, 0))
    .filter((record) => textOf(record, 'subject') === `run-${n}`)
    .filter((record) => textOf(record, 'type') === 'interlock.call.requested.v1')
    .map(({ value }) => Buffer.from(value ?? []).toString());

test('what is derived is byte for byte what is stored for programs of others: events, heads, order', async () => {
  run(1);
  log.append('run-2', [started(2), requestedCall(2)]);
  log.claim();
  run(3);
  await publish('events', 'a');
  const stored = kept().map(bytesOf);
  replaceBy([]);
  await publish('heads', 'b');
  expect((await derivedFrom(cluster, 0)).map(bytesOf)).toEqual(stored);
  expect(stored).toHaveLength(10 + 3);
});

test('only heads are stored, and what is left out where a process begins to tell', async () => {
  for (let n = 0; n < 5; n++) run(n);
  await publish('heads', 'a');
  await publish('heads', 'b');
  await publish('heads', 'c');
  expect(kept().map((record) => textOf(record, 'type'))).toEqual([
    AUDIT_CATALOGUE,
    ...Array(5).fill('interlock.head.v1'),
    AUDIT_CATALOGUE,
  ]);
  expect(consume(await derivedFrom(cluster, 0)).kept).toHaveLength(20);
});

test('an event keeps its bytes when a later release shows more of it; what is told behind that is shown as the later one does', async () => {
  cluster.stored(auditEvents.name, 0).land([olderCatalogue()]);
  run(1);
  // The same heads, under the catalogue of that time.
  await publish('heads', 'a');
  const [first, own, ...heads] = kept();
  expect([first, own].map((record) => record && textOf(record, 'type'))).toEqual([
    AUDIT_CATALOGUE,
    AUDIT_CATALOGUE,
  ]);
  replaceBy([first as NewRecord, ...heads]);
  expect(await callOf(1)).toEqual(['{"redacted":"personal"}']);
  run(2);
  await publish('heads', 'b');
  expect(catalogues()).toHaveLength(2);
  expect(consume(await derivedFrom(cluster, 0)).kept).toHaveLength(8);
  expect(await callOf(1)).toEqual(['{"redacted":"personal"}']);
  expect((await callOf(2))[0]).toContain('"orderId":"A-2"');
});

test('rules that this release does not have are refused by name: other bytes are no answer', async () => {
  run(1);
  await publish('heads', 'a');
  const value = gzipSync(JSON.stringify({ rules: 99, events: {} }));
  cluster.stored(auditEvents.name, 0).land([{ ...catalogueRecord(), value }]);
  await expect(derivedFrom(cluster, 0)).rejects.toBeInstanceOf(RedactionUnknownError);
});

test('heads that belong to another log are told by it', async () => {
  run(1);
  await publish('heads', 'a');
  const place = JSON.stringify({ offset: 4, epoch: 0, index: 3, hash: 'f'.repeat(64) });
  const last = kept().at(-1) as NewRecord;
  replaceBy([catalogueRecord(), { ...last, headers: { ...last.headers, place: Buffer.from(place) } }]);
  await expect(derivedFrom(cluster, 0)).rejects.toBeInstanceOf(ForeignAuditError);
});

test('where the front was cut away the stream begins behind the first catalogue that is left', async () => {
  run(1);
  await publish('heads', 'a');
  cluster.stored(auditEvents.name, 0).trim(1);
  cluster.stored(auditEvents.name, 0).land([catalogueRecord()]);
  run(2);
  await publish('heads', 'b');
  const runs = (await derivedFrom(cluster, 0)).map((record) => textOf(record, 'subject'));
  expect(new Set(runs)).toEqual(new Set(['run-2']));
});
