import { SimulatedCluster, SimulatedProcess } from '@interlock/broker/simulated';
import { Catalogue, defineEvent, type TopicSpec } from '@interlock/contracts';
import { claim, GENESIS, startingAt } from '@interlock/log';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { defaultLimits, type HostSpec } from './host.spec.js';
import { OwnLog } from './own-log.js';
import { StateCache } from './state-cache.js';

const Counted = defineEvent('counted', 1, z.object({ by: z.number() }));
const spec: HostSpec<number> = {
  service: 'orchestrator',
  host: 'test',
  topic: 'log',
  numbered: true,
  actor: {
    name: 'counter',
    inputs: {},
    key: () => undefined,
    answerFault: () => ({ events: [] }),
    decide: () => ({ events: [] }),
    evolve: (state, event) => (state ?? 0) + (event.data as { by: number }).by,
  },
  events: new Catalogue([Counted]),
  inputs: [],
  limits: defaultLimits,
};
const topic = (name: string): TopicSpec => ({
  name,
  kind: 'fenced',
  scope: 'run',
  keep: 'forever',
  stampedBy: 'writer',
  writer: 'orchestrator',
});
const codec = { encode: String, decode: (text: string) => (text.startsWith('v') ? undefined : Number(text)) };

/** A log with three accepted events of two actors, folded. */
async function folded() {
  const world = {
    now: () => 0,
    after: (ms: number, task: () => void) => void setTimeout(task, ms),
    random: () => 0.5,
  };
  const cluster = new SimulatedCluster(world);
  cluster.latencies.appendTimeout = 5_000;
  cluster.create(topic('log'), 1);
  cluster.create(topic('cache'), 1);
  const broker = cluster.connect(new SimulatedProcess('test'));
  const producer = broker.producer();
  const writer = await claim(
    { append: (...given) => producer.append(...given), read: (from) => broker.read('log', 0, from) },
    {
      topic: 'log',
      partition: 0,
      from: startingAt(0),
      claimId: 'c',
      host: 'h',
      versions: [],
      now: 0,
      accepted: () => {},
    },
  );
  const drafts = [event('a', 1, 5), event('b', 1, 7), event('a', 2, 1)];
  await writer.append(drafts, {}, [], () => GENESIS);
  const own = await fold(broker);
  const runtime = {
    clock: { now: () => 0 },
    random: { next: () => 0 },
    scheduler: { after: () => () => {}, soon: (task: () => void) => queueMicrotask(task) },
  };
  const failures: unknown[] = [];
  const open = () => new StateCache(broker, 'cache', codec, runtime, (error) => failures.push(error));
  const written = open();
  written.changed(0, own, changesOf(own, 'a', 'b'));
  await written.stop();
  expect(failures).toEqual([]);
  return { broker, cluster, own, open, failures };
}

const changesOf = (own: OwnLog<number>, ...keys: string[]) =>
  ({ changes: new Map(keys.map((key) => [key, own.store.accepted(key)!])) }) as never;

/** What a host that fell asleep before the last events would still write. */
const aged = (key: string, state: string) => ({
  key,
  headers: {},
  value: Buffer.from(JSON.stringify({ upTo: 1, seq: 1, time: 0, recordKey: key, link: '', state })),
});

test('a start from the cache has the states, the places and the chains that the fold had', async () => {
  const { own, open } = await folded();
  const warm = new OwnLog(spec, 0);
  await open().warm(warm);
  expect(warm.position).toEqual(own.position);
  expect(warm.store.accepted('a')).toEqual(own.store.accepted('a'));
  expect(Buffer.from(warm.store.link('a'))).toEqual(Buffer.from(own.store.link('a')));
});

test('what the hold before hears of late is left to the newest one, which folds it from the log', async () => {
  const { broker, own, open } = await folded();
  const cache = open();
  cache.changed(0, own, changesOf(own, 'a', 'b'));
  const newest = new OwnLog(spec, 0);
  await cache.warm(newest);
  const { end } = await broker.bounds('cache', 0);
  cache.changed(0, own, changesOf(own, 'b'));
  await cache.stop();
  expect((await broker.bounds('cache', 0)).end).toBe(end);
});

test('events that a cached state already holds are passed over', async () => {
  const { broker, open } = await folded();
  const warm = new OwnLog(spec, 0);
  await open().warm(warm);
  warm.position = startingAt(0);
  await fold(broker, warm);
  expect(warm.store.accepted('a')?.state).toBe(6);
});

test('states that a deposed host wrote behind the entry drop the whole cache', async () => {
  const { cluster, open } = await folded();
  cluster.stored('cache', 0).land([aged('a', '5')]);
  const warm = new OwnLog(spec, 0);
  await open().warm(warm);
  expect(warm.store.size).toBe(0);
});

test('once somebody else wrote there, nothing is started from until every state is written again', async () => {
  const { cluster, open, own, failures } = await folded();
  const cache = open();
  const held = new OwnLog(spec, 0);
  await cache.warm(held);
  cluster.stored('cache', 0).land([aged('a', '5')]);
  cache.changed(0, held, changesOf(held, 'b'));
  await cache.stop();
  expect(failures).toHaveLength(1);
  const warm = new OwnLog(spec, 0);
  await open().warm(warm);
  expect(warm.store.size).toBe(0);
  const again = open();
  again.changed(0, own, changesOf(own, 'b'));
  await again.stop();
  await open().warm(warm);
  expect(warm.store.accepted('a')?.state).toBe(6);
});

test('a state of another version drops the whole cache', async () => {
  const { cluster, open } = await folded();
  const value = Buffer.from(JSON.stringify({ seq: 2, time: 0, recordKey: 'a', link: '', state: 'v2' }));
  cluster.stored('cache', 0).land([{ key: 'a', headers: {}, value }]);
  const warm = new OwnLog(spec, 0);
  await open().warm(warm);
  expect(warm.store.size).toBe(0);
  expect(warm.position.offset).toBe(0);
});

test('a place that the log does not confirm drops the whole cache', async () => {
  const { cluster, open, own } = await folded();
  const value = Buffer.from(
    JSON.stringify({
      at: 3,
      since: 0,
      position: { ...own.position, offset: 2 },
      lastHash: 'AAAA',
      cursor: {},
      released: {},
      deferred: [],
    }),
  );
  cluster.stored('cache', 0).land([{ key: 'partition:0', headers: {}, value }]);
  const warm = new OwnLog(spec, 0);
  await open().warm(warm);
  expect(warm.store.size).toBe(0);
});

async function fold(broker: { read: import('@interlock/broker').Broker['read'] }, own = new OwnLog(spec, 0)) {
  const { FencedReader } = await import('@interlock/log');
  const reader = new FencedReader('log', 0);
  for await (const records of broker.read('log', 0, 0)) {
    for (const record of records) {
      const accepted = reader.take(record);
      if (accepted !== undefined) own.fold(accepted);
    }
  }
  return own;
}

function event(run: string, seq: number, by: number) {
  const value = Buffer.from(JSON.stringify({ by }));
  return { key: run, wire: Counted.wire, value, meta: { run, seq, time: 0 } };
}
