import kafkajs from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../e2e/eventually.ts';
import type { Run } from '../../e2e/system.client.ts';
import { ForeignProducer, type ForeignRecord } from './foreign.producer.ts';
import { KafkaSystem } from './kafka.system.ts';

const KILLS = Number(process.env.KAFKA_TRIGGER_KILLS ?? 4);
const PARTITIONS = 3;
const EVENTS = 60;

let system: KafkaSystem;
let shop: ForeignProducer;
beforeAll(async () => {
  system = await KafkaSystem.start({
    ledgerPauseMs: 1,
    apart: ['gateway'],
    environment: { INTERLOCK_MODULES: 'test/chaos/ledger.module.ts,test/chaos/kafka/topics.module.ts' },
  });
  await createTopics(system.kafka.brokers, ['shop.orders', 'shop.events']);
  shop = await ForeignProducer.connect(system.kafka.brokers);
});
afterAll(async () => {
  await shop?.close();
  await system?.stop();
});

async function createTopics(brokers: string, names: readonly string[]): Promise<void> {
  const { Kafka, logLevel } = kafkajs;
  const admin = new Kafka({
    brokers: brokers.split(','),
    clientId: 'shop',
    logLevel: logLevel.NOTHING,
  }).admin();
  await admin.connect();
  const topics = names.map((topic) => ({ topic, numPartitions: PARTITIONS, replicationFactor: 1 }));
  await admin.createTopics({ topics, waitForLeaders: true });
  await admin.disconnect();
}

const order = (at: number, value: unknown): ForeignRecord => ({
  key: null,
  value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  partition: at % PARTITIONS,
});

const entriesOf = (runs: readonly Run[]): string[] =>
  runs.map(({ input }) => (input as { entry: string }).entry).sort();

/** Of the gateway, newest first. */
async function setAside(topic: string) {
  const { body } = await system.client.get<{
    items: { topic: string; partition: number; offset: number; code: string; message: string }[];
  }>('/v1/quarantine?service=gateway&limit=500');
  return body.items.filter((one) => one.topic === topic);
}

test(`each event of a topic starts one run, although the gateway is killed ${KILLS} times; what is no event is set aside by its place`, {
  timeout: 240_000,
}, async () => {
  const poison = [
    '{"order": ',
    '[]',
    JSON.stringify({ paid: true }),
    JSON.stringify({ paid: true, order: 7.5e300 }),
  ];
  const places: string[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const share = Array.from({ length: EVENTS / KILLS }, (_, at) => {
      const number = kill * (EVENTS / KILLS) + at;
      return order(number, { order: `ord-${number}`, paid: true });
    });
    await shop.send('shop.orders', share.slice(0, share.length / 2));
    places.push(...(await shop.send('shop.orders', [order(kill, poison[kill % poison.length])])));
    // The same event once more, and one that the filter passes over.
    await shop.send('shop.orders', [
      order(kill + 1, { order: `ord-${kill * (EVENTS / KILLS)}`, paid: true }),
      order(kill + 2, { order: `unpaid-${kill}`, paid: false }),
    ]);
    await shop.send('shop.orders', share.slice(share.length / 2));
    await system.service('gateway').kill();
    await system.ready();
  }
  const wanted = Array.from({ length: EVENTS }, (_, at) => `ord-${at}`).sort();
  await eventually(
    'every event to have its run',
    async () => (await system.client.runs()).length >= EVENTS,
    120_000,
  );
  await eventually(
    'the rest to be set aside',
    async () => new Set(await positions()).size >= places.length,
    60_000,
  );
  const runs = await system.client.runs();
  expect(entriesOf(runs)).toEqual(wanted);
  const ended = await Promise.all(runs.map(({ runId }) => system.client.settled(runId)));
  expect(ended.filter(({ status }) => status !== 'completed')).toEqual([]);
  // A position may be set aside twice where a kill came between that and its commit, and no other ever is.
  expect([...new Set(await positions())].sort()).toEqual([...places].sort());
  expect(
    (await setAside('shop.orders')).every(({ message }) => message.startsWith('trigger shop-orders: ')),
  ).toBe(true);
  console.log(`${EVENTS} events, ${KILLS} kills: ${runs.length} runs, ${places.length} set aside`);
});

const positions = async () =>
  (await setAside('shop.orders')).map(({ partition, offset }) => `${partition}/${offset}`);

test('a CloudEvent starts one run, structured or binary, by its source and id', async () => {
  const before = (await system.client.runs()).length;
  const structured = (id: string, type = 'order.paid') => ({
    specversion: '1.0',
    id,
    source: '/shop',
    type,
    data: { order: `ce-${id}` },
  });
  const binary: ForeignRecord = {
    key: Buffer.from('k'),
    value: Buffer.from(JSON.stringify({ order: 'ce-3' })),
    headers: {
      ce_specversion: Buffer.from('1.0'),
      ce_id: Buffer.from('3'),
      ce_source: Buffer.from('/shop'),
      ce_type: Buffer.from('order.paid'),
      'content-type': Buffer.from('application/json'),
    },
    partition: 2,
  };
  await shop.send('shop.events', [
    order(0, structured('1')),
    order(1, structured('1')),
    order(1, structured('2', 'order.cancelled')),
    order(0, { specversion: '1.0', type: 'order.paid' }),
    binary,
    { ...binary, partition: 1 },
  ]);
  await eventually(
    'both to have their runs',
    async () => (await system.client.runs()).length === before + 2,
    60_000,
  );
  await eventually(
    'the other to be set aside',
    async () => (await setAside('shop.events')).length === 1,
    60_000,
  );
  expect((await setAside('shop.events'))[0]).toMatchObject({
    code: 'refused',
    message: expect.stringContaining('id is missing'),
  });
  const entries = entriesOf(await system.client.runs()).filter((entry) => entry.startsWith('ce-'));
  expect(entries).toEqual(['ce-1', 'ce-3']);
});
