import kafkajs, { type Admin } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../e2e/eventually.ts';
import { ForeignProducer, type ForeignRecord } from './foreign.producer.ts';
import { KafkaSystem } from './kafka.system.ts';

let system: KafkaSystem;
let shop: ForeignProducer;
let admin: Admin;
beforeAll(async () => {
  system = await KafkaSystem.start({
    ledgerPauseMs: 1,
    apart: ['gateway'],
    environment: { INTERLOCK_MODULES: 'test/chaos/ledger.module.ts,test/chaos/kafka/changing.module.ts' },
  });
  const { Kafka, logLevel } = kafkajs;
  const brokers = system.kafka.brokers.split(',');
  admin = new Kafka({ brokers, clientId: 'shop', logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  for (const topic of ['shop.growing', 'shop.cut', 'shop.odd']) await create(topic, 2);
  shop = await ForeignProducer.connect(system.kafka.brokers);
  // Reading begins now, and what begins is committed.
  for (const trigger of ['growing', 'cut', 'odd']) await begun(trigger, 2);
});
afterAll(async () => {
  await shop?.close();
  await admin?.disconnect();
  await system?.stop();
});

async function create(topic: string, numPartitions: number): Promise<void> {
  await admin.createTopics({
    topics: [{ topic, numPartitions, replicationFactor: 1 }],
    waitForLeaders: false,
  });
  // Servers learn of a topic one after the other.
  const isThere = () =>
    admin.fetchTopicOffsets(topic).then(
      (found) => found.length === numPartitions,
      () => false,
    );
  await eventually(`${topic} to be there`, isThere, 30_000);
}

const begun = (trigger: string, partitions: number) =>
  eventually(
    `${trigger} to have begun with ${partitions} partitions`,
    async () => {
      const [found] = await admin.fetchOffsets({
        groupId: `interlock.trigger.${trigger}`,
        topics: [`shop.${trigger}`],
      });
      const known = found?.partitions.filter(({ offset }) => Number(offset) >= 0) ?? [];
      return known.length === partitions;
    },
    60_000,
  );

const order = (partition: number, order: string): ForeignRecord => ({
  key: null,
  value: Buffer.from(JSON.stringify({ order })),
  partition,
});

const started = async (prefix: string): Promise<string[]> =>
  (await system.client.runs())
    .map(({ input }) => (input as { entry: string }).entry)
    .filter((entry) => entry.startsWith(prefix))
    .sort();

const untilStarted = (prefix: string, ...wanted: readonly string[]) => {
  let found: readonly string[] = [];
  const all = wanted.map((name) => prefix + name).sort();
  const holds = async () => {
    found = await started(prefix);
    return all.every((name) => found.includes(name));
  };
  return eventually(`runs of ${all}`, holds, 90_000)
    .catch((error: Error) => {
      throw new Error(`${error.message}; there are ${found}\n${system.trouble().join('\n')}`);
    })
    .then(() => expect(found).toEqual(all));
};

test('partitions that a topic is given later are read from their first record on, also while no gateway ran', async () => {
  await shop.send('shop.growing', [order(0, 'grown-a')]);
  await untilStarted('grown-', 'a');
  await admin.createPartitions({ topicPartitions: [{ topic: 'shop.growing', count: 3 }] });
  const late = await ForeignProducer.connect(system.kafka.brokers);
  await late.send('shop.growing', [order(2, 'grown-b'), order(1, 'grown-c')]);
  await late.close();
  await untilStarted('grown-', 'a', 'b', 'c');

  await system.takeAway('gateway');
  await admin.createPartitions({ topicPartitions: [{ topic: 'shop.growing', count: 4 }] });
  const later = await ForeignProducer.connect(system.kafka.brokers);
  await later.send('shop.growing', [order(3, 'grown-d'), order(2, 'grown-e')]);
  await later.close();
  await system.bringBack('gateway');
  await untilStarted('grown-', 'a', 'b', 'c', 'd', 'e');
}, 200_000);

test('a topic that is cut away beyond what was read, or made anew, is read from what it has', async () => {
  await shop.send('shop.cut', [order(0, 'cut-a'), order(1, 'cut-b')]);
  await untilStarted('cut-', 'a', 'b');
  await system.takeAway('gateway');
  await shop.send('shop.cut', [order(0, 'cut-lost'), order(0, 'cut-c')]);
  await admin.deleteTopicRecords({ topic: 'shop.cut', partitions: [{ partition: 0, offset: '2' }] });
  await system.bringBack('gateway');
  await untilStarted('cut-', 'a', 'b', 'c');

  await admin.deleteTopics({ topics: ['shop.cut'] });
  await eventually('it to be gone', async () => !(await admin.listTopics()).includes('shop.cut'), 30_000);
  await create('shop.cut', 2);
  const anew = await ForeignProducer.connect(system.kafka.brokers);
  await anew.send('shop.cut', [order(0, 'cut-d'), order(1, 'cut-a')]);
  await anew.close();
  await untilStarted('cut-', 'a', 'b', 'c', 'd');
}, 200_000);

test('what stands oddly in a topic is taken, passed over or set aside, and holds up nobody', async () => {
  const raw = (bytes: Buffer | null, headers = {}): ForeignRecord => ({
    key: null,
    value: bytes,
    headers,
    partition: 0,
  });
  await shop.send('shop.odd', [
    raw(null),
    raw(Buffer.alloc(0)),
    raw(Buffer.from('7b226f72646572223a226f64642dff227d', 'hex')),
    raw(Buffer.from('7b226f72646572223a226f64642dfe227d', 'hex')),
    raw(Buffer.from('\ufeff{"order":"odd-bom"}')),
    raw(Buffer.from('{"order":"odd-a","__proto__":{"x":1}}')),
    raw(Buffer.from('{"order":"odd-twice","order":"odd-thrice"}')),
    raw(Buffer.from('{"order":"odd-\\ud800"}')),
    raw(Buffer.from('{"order":"odd-\\u0000"}')),
    raw(Buffer.from('{"order":7.5e300}')),
    raw(Buffer.from(`{"order":"odd-deep","d":${'['.repeat(5000)}${']'.repeat(5000)}}`)),
    raw(Buffer.from(JSON.stringify({ order: 'odd-headers' })), {
      __proto__: null,
      constructor: Buffer.from('x'),
      many: [Buffer.from('1'), Buffer.from('2')],
      empty: Buffer.alloc(0),
    }),
    order(0, 'odd-z'),
  ]);
  await untilStarted('odd-', 'headers', 'z');
  const path = '/v1/quarantine?service=gateway&limit=500';
  const { body } = await system.client.get<{ items: SetAside[] }>(path);
  const aside = body.items.filter(({ topic }) => topic === 'shop.odd');
  const why = new Map(aside.map(({ offset, message }) => [offset, message]));
  expect([...why.keys()].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(why.get(2)).toContain('it holds text that is no UTF-8');
  expect(why.get(6)).toContain('order: the key is there twice');
}, 120_000);

interface SetAside {
  readonly topic: string;
  readonly offset: number;
  readonly message: string;
}

test('a batch in another compression is read; one that would fill the memory stops its own partition alone, and that is said', async () => {
  await shop.sendSnappy('shop.odd', [order(1, 'packed-a')]);
  await untilStarted('packed-', 'a');
  const bomb: ForeignRecord = { key: null, value: Buffer.alloc(33 * 1024 * 1024), partition: 1 };
  await shop.sendGzip('shop.odd', [bomb]);
  await shop.send('shop.odd', [order(0, 'packed-b')]);
  await untilStarted('packed-', 'a', 'b');
  const isSaid = () =>
    system.processes.some(({ log }) =>
      log.some(({ msg }) => msg?.startsWith('a partition of the topic stands still')),
    );
  await eventually('the gateway to say that the other stands still', isSaid, 30_000);
  await shop.send('shop.odd', [order(0, 'packed-c')]);
  await untilStarted('packed-', 'a', 'b', 'c');
}, 120_000);
