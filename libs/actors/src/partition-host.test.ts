import { APPEND_BYTES_MAX } from '@interlock/broker';
import { SimulatedCluster } from '@interlock/broker/simulated';
import { Catalogue, defineCommand, defineEvent, type TopicSpec } from '@interlock/contracts';
import { open, plainRecord } from '@interlock/log';
import { ProcessUnderTest, seededRandom, VirtualTime } from '@interlock/simulation';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Actor } from './actor.js';
import { defaultLimits, type HostLimits, type HostSpec } from './host.spec.js';
import type { OwnLog } from './own-log.js';
import { ServiceHost } from './service-host.js';

const Add = defineCommand(
  'add',
  1,
  z.object({ defer: z.boolean().optional(), padding: z.string().optional() }),
);
const Added = defineEvent('added', 1, z.object({ padding: z.string().optional() }));
const topic = (name: string, kind: TopicSpec['kind']): TopicSpec => ({
  name,
  kind,
  scope: 'run',
  keep: 'forever',
  stampedBy: 'writer',
  writer: 'policy',
});

/** Counts what it was given; keeps what it is told to defer, for ever. */
const adder: Actor<number> = {
  name: 'adder',
  inputs: { in: new Set(['add']) },
  key: ({ key }) => key,
  answerFault: () => ({ events: [] }),
  decide(input) {
    if (input.kind !== 'message') return { events: [] };
    const { defer, padding } = input.message.data as { defer?: boolean; padding?: string };
    return defer === true ? { events: [], defer } : { events: [Added({ padding })] };
  },
  evolve: (state) => (state ?? 0) + 1,
};

/** Says everything twice. */
const doubling: Actor<number> = {
  ...adder,
  decide: (input) => ({ events: input.kind === 'message' ? [Added({}), Added({})] : [] }),
};

/** Starts work for every message and records what comes of it. */
const worker: Actor<number> = {
  ...adder,
  decide(input) {
    if (input.kind === 'result') return { events: [Added({ padding: input.result as string })] };
    if (input.kind !== 'message') return { events: [] };
    return { events: [], start: [{ id: input.message.meta.id, kind: 'work', data: null }] };
  },
};

/** @param spentMs time that decisions have taken: it stands still in them otherwise */
function started(
  limits: Partial<HostLimits>,
  actor = adder,
  perform?: HostSpec<number>['perform'],
  spentMs = () => 0,
  warm?: (own: OwnLog<number>) => Promise<void>,
) {
  const random = seededRandom(1);
  const time = new VirtualTime(1_000_000);
  const cluster = new SimulatedCluster({
    now: () => time.now(),
    after: (ms, task) => void time.after(ms, task),
    random,
  });
  cluster.create(topic('in', 'plain'), 1);
  cluster.create(topic('own', 'fenced'), 1);
  const { broker, runtime: ideal } = new ProcessUnderTest('p', cluster, time, random);
  const runtime = { ...ideal, clock: { now: () => ideal.clock.now() + spentMs() } };
  const notes: string[] = [];
  const host = new ServiceHost<number>(
    {
      service: 'policy',
      host: 'p',
      topic: 'own',
      numbered: false,
      actor,
      events: new Catalogue([Added]),
      inputs: [{ topic: 'in', kind: 'plain', catalogue: new Catalogue([Add]) }],
      perform,
      limits: { ...defaultLimits, ...limits },
    },
    {
      broker,
      runtime,
      ...(warm && { warm }),
      observer: {
        note: (_level, what) => void notes.push(what),
        stopped: (_partition, error) => void notes.push(String(error)),
      },
      consequences: { quarantine: () => {} },
    },
  );
  const send = (data: unknown, id = 'i') =>
    cluster.stored('in', 0).land([plainRecord('a', Add.wire, { id, time: 0 }, data)]);
  const run = (ms: number, done = () => false) => time.runUntil(time.now() + ms, done);
  void host.start(broker);
  return {
    host,
    time,
    cluster,
    send,
    run,
    notes,
    state: () => host.hosts.get(0)?.own.store.accepted('a')?.state ?? 0,
  };
}

/** Effects that have given their result and do not end yet. */
const ending: (() => void)[] = [];

const ownRecords = (cluster: SimulatedCluster) =>
  cluster
    .stored('own', 0)
    .slice(0, 100)
    .flatMap((record) => open(record) ?? []);

test('inputs that take long to decide on leave the process to others in between', async () => {
  const order: string[] = [];
  let spentMs = 0;
  const slow: Actor<number> = {
    ...adder,
    decide(input) {
      if (input.kind !== 'message') return { events: [] };
      order.push('decided');
      spentMs += 30;
      time.after(0, () => order.push('another'));
      return { events: [Added({})] };
    },
  };
  const { time, send, run } = started({}, slow, undefined, () => spentMs);
  for (let sent = 0; sent < 3; sent++) send({});
  await run(1_000, () => order.length === 6);
  expect(order).toEqual(['decided', 'another', 'decided', 'another', 'decided', 'another']);
});

test('an input that was paused when the host fell into doubt is read to its end by the next claim', async () => {
  const { cluster, send, run, state } = started({ queueMax: 5 });
  const padding = 'x'.repeat(APPEND_BYTES_MAX / 2);
  for (let sent = 0; sent < 40; sent++) send({ padding });
  await run(1_000, () => state() > 0);
  cluster.faults = { ...cluster.faults, answerLost: 1 };
  await run(20_000);
  cluster.faults = { ...cluster.faults, answerLost: 0 };
  expect(await run(60_000, () => state() === 40)).toBe(true);
});

test('inputs deferred for long go into the log in as many appends as they need', async () => {
  const { host, send, run, notes } = started({ deferMs: 200 });
  const padding = 'x'.repeat(APPEND_BYTES_MAX / 4);
  for (let sent = 0; sent < 5; sent++) send({ defer: true, padding });
  const logged = () => host.hosts.get(0)?.own.deferred.size === 5;
  expect(await run(30_000, logged)).toBe(true);
  expect(notes).not.toContain('in doubt');
});

test('what an actor decides at once is one record, and each event of it is folded', async () => {
  const { cluster, send, run, state } = started({}, doubling);
  send({}, 'one');
  send({}, 'two');
  expect(await run(30_000, () => state() === 4)).toBe(true);
  const decided = ownRecords(cluster).filter(({ wires: [wire] }) => wire === Added.wire);
  expect(decided.map(({ wires, meta: { cause } }) => [wires.length, cause])).toEqual([
    [2, 'one'],
    [2, 'two'],
  ]);
});

test('an input whose answer no append could hold is refused, and those behind it are answered', async () => {
  const { send, run, notes, state } = started({}, doubling);
  send({}, 'x'.repeat(APPEND_BYTES_MAX / 2));
  send({});
  expect(await run(30_000, () => state() === 2)).toBe(true);
  expect(notes).toContain('a decision broke');
  expect(notes).not.toContain('in doubt');
});

test('results that come faster than the log takes them wait for it, and the process does other things', async () => {
  const padding = 'x'.repeat(APPEND_BYTES_MAX / 4);
  const { send, run, state } = started({}, worker, async (_effect, { result }) => result(padding));
  for (let sent = 0; sent < 20; sent++) send({}, `work${sent}`);
  expect(await run(30_000, () => state() === 20)).toBe(true);
});

test.each([
  ['before', async () => {}],
  ['after', () => new Promise<void>((resolve) => void ending.push(resolve))],
])('an effect that failed is tried again, though it ends %s its result is recorded', async (_when, ends) => {
  ending.length = 0;
  let tries = 0;
  const retrying: Actor<number> = {
    ...worker,
    due: (state, { isRunning }) => (state === undefined || state > 2 || isRunning('work') ? undefined : 0),
    decide(input, ...known) {
      if (input.kind !== 'due') return worker.decide(input, ...known);
      return { events: [], start: [{ id: 'work', kind: 'work', data: null }] };
    },
  };
  const { send, run, state } = started({}, retrying, async (_effect, { result }) => {
    result(`try ${++tries}`);
    await ends();
  });
  send({}, 'work');
  for (let tried = 1; tried <= 3; tried++) {
    expect(await run(10_000, () => state() === tried)).toBe(true);
    for (const end of ending.splice(0)) end();
  }
});

test('a message that breaks its contract is told to its actor in the append that passes it', async () => {
  const strict: Actor<number> = {
    ...adder,
    decide: (input) => ({ events: input.kind === 'poison' ? [Added({ padding: input.problem })] : [] }),
  };
  const { cluster, run, state } = started({}, strict);
  const meta = { id: 'broken', run: 'a', time: 0 };
  cluster.stored('in', 0).land([plainRecord('a', Add.wire, meta, { defer: 'perhaps' })]);
  expect(await run(10_000, () => state() === 1)).toBe(true);
  const append = ownRecords(cluster).filter(
    ({ wires: [wire], meta: { cursor } }) => wire === Added.wire && cursor?.in?.offset === 1,
  );
  expect(append).toHaveLength(1);
});

test.each([
  [2, ['a at 2']],
  [1, []],
])('an actor is told of a recovery unless it is over (over from %i on)', async (overFrom, expected) => {
  const recovered: string[] = [];
  const watched: Actor<number> = {
    ...adder,
    isOver: (state) => state > overFrom,
    decide(input, state, context, key) {
      if (input.kind === 'recovered') recovered.push(`${key} at ${state}`);
      return adder.decide(input, state, context, key);
    },
  };
  const { cluster, send, run, state } = started({}, watched);
  send({});
  await run(10_000, () => state() === 1);
  cluster.nextAppend = { ...cluster.faults, answerLost: 1 };
  send({});
  await run(20_000);
  expect(state()).toBe(2);
  expect(recovered).toEqual(expected);
});

/** Writes down that it will work, works, and writes down what came of it; that again makes it work, `works` times. */
const writer = (works: number): Actor<number> => ({
  ...adder,
  decide: (input) => ({
    events: input.kind === 'message' || input.kind === 'result' ? [Added({})] : [],
  }),
  effects: (event, state = 0) => (state <= works ? [{ id: event.id, kind: 'work', data: null }] : []),
});

test.each([1, 2])(
  'work written down as begun while the host is told to stop is done, and its result written down: %i',
  async (works) => {
    const written = new Set<number>();
    for (let afterMs = 0; afterMs < 60; afterMs += 1) {
      const { host, cluster, send, run } = started({}, writer(works), async (_effect, { result }) => {
        for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
        result('done');
      });
      expect(await run(10_000, () => host.isReady)).toBe(true);
      send({});
      await run(afterMs);
      let isStopped = false;
      void host.stop().then(() => {
        isStopped = true;
      });
      expect(await run(30_000, () => isStopped)).toBe(true);
      written.add(ownRecords(cluster).filter(({ wires: [wire] }) => wire === Added.wire).length);
    }
    expect([...written].sort()).toEqual([0, works + 1]);
  },
);

/** Works when it is told to, and tells its neighbour what came of it: an actor that was never heard of. */
const telling: Actor<number> = {
  ...adder,
  decide(input) {
    if (input.kind === 'result') return { events: [Added({ padding: input.result as string })] };
    if (input.kind !== 'message') return { events: [] };
    return { events: [], start: [{ id: 'work', kind: 'work', data: null, to: 'b' }] };
  },
};

test.each([0, 1])(
  'a result for another actor is decided by that one, beside the actor that asked for it, also when the log is in doubt: %i',
  async (doubts) => {
    const { host, cluster, send, run } = started({}, telling, async (_effect, { result }) => result('done'));
    expect(await run(10_000, () => host.isReady)).toBe(true);
    cluster.nextAppend = { ...cluster.faults, lost: doubts };
    send({});
    const neighbour = () => host.hosts.get(0)?.own.store.accepted('b');
    expect(await run(30_000, () => neighbour() !== undefined)).toBe(true);
    await run(10_000);
    expect(neighbour()?.state).toBe(1);
    const told = ownRecords(cluster).filter(({ wires: [wire] }) => wire === Added.wire);
    expect(told.map(({ meta: { run: key, cause } }) => [key, cause])).toEqual([['b', 'work']]);
  },
);

test('a host that was stopped while it waited for the log starts from no cache: the partition is held by another one', async () => {
  const warmed: OwnLog<number>[] = [];
  const { host, run } = started(
    {},
    adder,
    undefined,
    () => 0,
    async (own) => void warmed.push(own),
  );
  await run(1_000, () => host.hosts.has(0));
  const first = host.hosts.get(0);
  void host.revoked(0);
  host.assigned(0);
  const second = host.hosts.get(0);
  await run(1_000, () => second?.isReady === true);
  expect(first).not.toBe(second);
  expect(warmed).toEqual([second?.own]);
});
