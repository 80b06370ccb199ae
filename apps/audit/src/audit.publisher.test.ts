import { type NewRecord, RenewingProducer } from '@interlock/broker';
import type { SimulatedCluster } from '@interlock/broker/simulated';
import { auditEvents, groupOf, runEvents } from '@interlock/contracts';
import { ProcessUnderTest, seededRandom, type VirtualTime } from '@interlock/simulation';
import { beforeEach, expect, test } from 'vitest';
import { completed, recorded, requestedCall, started } from '../../../libs/projection/test/run-events.js';
import { acceptedEvents, type RunLog } from '../../../libs/projection/test/run-log.js';
import { consume, textOf } from '../test/audit.consumer.js';
import { anchor, manifests } from '../test/signing.js';
import { simulatedAudit } from '../test/simulated.audit.js';
import { AuditPublisher } from './audit.publisher.js';

let time: VirtualTime;
let cluster: SimulatedCluster;
let log: RunLog;
let notes: string[];
beforeEach(() => {
  ({ time, cluster, log } = simulatedAudit());
  notes = [];
});

const stored = (topic: string) =>
  cluster.stored(topic, 0).slice(cluster.stored(topic, 0).start, Number.POSITIVE_INFINITY);
const offsets = () => stored(auditEvents.name).flatMap((record) => textOf(record, 'sourceoffset') ?? []);
const wanted = () => acceptedEvents(stored(runEvents.name)).map(({ offset }) => String(offset));
const run = (n: number) => log.append(`run-${n}`, [started(n), requestedCall(n), recorded(n), completed]);
const pass = (ms: number) => time.runUntil(time.now() + ms, () => false);

async function start(name: string) {
  const under = new ProcessUnderTest(name, cluster, time, seededRandom(2));
  const { broker, runtime } = under;
  const note = (level: string, what: string, facts: object) =>
    void notes.push(`${level}: ${what} ${JSON.stringify(facts)}`);
  const producer = new RenewingProducer(broker);
  const publisher = new AuditPublisher(
    { broker, stores: 'events' as const, producer, runtime, manifests, anchor, note },
    (error) => {
      throw error;
    },
  );
  void publisher.start();
  await pass(500);
  return { under, publisher };
}

test('who takes over goes on where the stream ends, whatever was committed', async () => {
  run(1);
  const first = await start('a');
  expect(first.publisher.waitingFor).toBeUndefined();
  first.under.kill();
  cluster.commit(groupOf('audit'), runEvents.name, 0, { offset: 99, metadata: '0.1' });
  run(2);
  await pass(10_000);
  await start('b');
  expect(offsets()).toEqual(wanted());
  expect(consume(stored(auditEvents.name)).repeats).toBe(0);
});

test('a tail that says nothing, of heads or of strangers, is passed over on the way back', async () => {
  run(1);
  const { under } = await start('a');
  under.kill();
  const stranger: NewRecord = { key: 'x', headers: { ce_sourceoffset: Buffer.from('1e9') }, value: null };
  for (let n = 0; n < 150; n++) cluster.stored(auditEvents.name, 0).land([stranger]);
  run(2);
  await pass(10_000);
  await start('b');
  expect(consume(stored(auditEvents.name)).kept).toHaveLength(8);
  expect(consume(stored(auditEvents.name)).repeats).toBe(0);
});

test('what was cut away in front does not bring the stream back to its beginning', async () => {
  run(1);
  const { under } = await start('a');
  under.kill();
  cluster.stored(auditEvents.name, 0).trim(3);
  run(2);
  await pass(10_000);
  await start('b');
  expect(offsets()).toEqual(wanted().slice(3));
});

test('a stream that belongs to another log stops, and says so', async () => {
  run(1);
  const { under } = await start('a');
  under.kill();
  const published = stored(auditEvents.name);
  const headers = {
    ...published.at(-1)?.headers,
    ...published[0]?.headers,
    ce_sourceoffset: Buffer.from('4'),
  };
  cluster.stored(auditEvents.name, 0).land([{ key: 'run-1', headers, value: null }]);
  await pass(10_000);
  const { publisher } = await start('b');
  expect(publisher.waitingFor).toContain('do not belong together');
  expect(notes.join()).toContain('people must look');
  expect(stored(auditEvents.name)).toHaveLength(published.length + 1);
});

test('an upgrade that is needed is what it is not ready for', async () => {
  run(1);
  log.append('run-2', [started(2), ['run.started/99', {}]]);
  const { publisher } = await start('a');
  expect(publisher.waitingFor).toContain('run.started/99');
  expect(notes.join()).toContain('waits for an upgrade');
  expect(consume(stored(auditEvents.name)).gaps).toEqual([]);
});

test('how far the stream goes is committed for people who watch the lag', async () => {
  run(1);
  await start('a');
  await pass(6_000);
  const committed = cluster.committed(groupOf('audit'), runEvents.name, 0);
  expect(committed?.offset).toBe(stored(runEvents.name).length);
});
