import { SimulatedCluster } from '@interlock/broker/simulated';
import { Catalogue, defineCommand, defineEvent, type TopicSpec } from '@interlock/contracts';
import { open, plainRecord } from '@interlock/log';
import { ProcessUnderTest, seededRandom, VirtualTime } from '@interlock/simulation';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Actor } from './actor.js';
import { type Admission, defaultLimits } from './host.spec.js';
import { ServiceHost } from './service-host.js';

const Say = defineCommand('say', 1, z.object({ by: z.string(), defer: z.boolean().optional() }));
const Said = defineEvent('said', 1, z.object({ by: z.string() }));
const topic = (name: string, kind: TopicSpec['kind']): TopicSpec => ({
  name,
  kind,
  scope: 'run',
  keep: 'forever',
  stampedBy: 'writer',
  writer: 'policy',
});

/** Writes down by whom it was told something; what it is told to keep it says when it is told something more. */
const scribe: Actor<readonly string[]> = {
  name: 'scribe',
  inputs: { in: new Set(['say']) },
  key: () => 'a',
  answerFault: () => ({ events: [] }),
  decide(input, _state, { deferred }) {
    if (input.kind !== 'message') return { events: [] };
    const { by, defer } = input.message.data as z.output<typeof Say.schema>;
    if (defer === true) return { events: [], defer };
    const kept = deferred.map(({ data }) => Said({ by: (data as { by: string }).by }));
    return { events: [...kept, Said({ by })], release: deferred };
  },
  evolve: (state = [], { data }) => [...state, (data as { by: string }).by],
};

interface PendingAdmission {
  readonly by: string;
  readonly offset: number;
  settle(admitted: Awaited<ReturnType<Admission>>): void;
  fail(error: Error): void;
}

function startWorld() {
  const random = seededRandom(1);
  const time = new VirtualTime(1_000_000);
  const cluster = new SimulatedCluster({
    now: () => time.now(),
    after: (ms, task) => void time.after(ms, task),
    random,
  });
  cluster.create(topic('in', 'plain'), 1);
  cluster.create(topic('own', 'fenced'), 1);
  const pending: PendingAdmission[] = [];
  const quarantined: string[] = [];
  const hosted = (name: string) => {
    const { broker, runtime } = new ProcessUnderTest(name, cluster, time, random);
    const host = new ServiceHost<readonly string[]>(
      {
        service: 'policy',
        host: name,
        topic: 'own',
        numbered: false,
        actor: scribe,
        events: new Catalogue([Said]),
        inputs: [
          {
            topic: 'in',
            kind: 'plain',
            catalogue: new Catalogue([Say]),
            admit: ({ message, record }) =>
              new Promise((settle, fail) => {
                const { by } = message.data as { by: string };
                pending.push({ by, offset: record.offset, settle, fail });
              }),
          },
        ],
        limits: { ...defaultLimits, deferMs: 200 },
      },
      {
        broker,
        runtime,
        observer: { note: () => undefined, stopped: () => undefined },
        consequences: {
          quarantine: (_partition, batch) =>
            quarantined.push(...batch.quarantined.map(({ code, record }) => `${code}@${record.offset}`)),
        },
      },
    );
    void host.start(broker);
    return host;
  };
  const send = (by: string, defer = false) =>
    cluster.stored('in', 0).land([plainRecord('a', Say.wire, { id: by, run: 'a', time: 0 }, { by, defer })]);
  const run = (ms: number, done = () => false) => time.runUntil(time.now() + ms, done);
  return { hosted, cluster, pending, quarantined, send, run };
}

const stateOf = (host: ServiceHost<readonly string[]>) =>
  host.hosts.get(0)?.own.store.accepted('a')?.state ?? [];

test('messages are decided in their order, as they were admitted, however long each admission takes', async () => {
  const { hosted, pending, send, run } = startWorld();
  const host = hosted('p');
  for (const by of ['a', 'b', 'c']) send(by);
  expect(await run(10_000, () => pending.length === 3)).toBe(true);
  pending[2]?.settle({ data: { by: 'C' } });
  pending[1]?.settle({ data: { by: 'B' } });
  await run(5_000);
  expect(stateOf(host)).toEqual([]);
  expect(host.isReady).toBe(false);
  pending[0]?.settle({ data: { by: 'A' } });
  expect(await run(10_000, () => stateOf(host).length === 3)).toBe(true);
  expect(stateOf(host)).toEqual(['A', 'B', 'C']);
});

test('what is refused goes to quarantine with its code, its actor hears nothing of it, and those behind it are decided', async () => {
  const { hosted, pending, quarantined, send, run } = startWorld();
  const host = hosted('p');
  for (const by of ['a', 'b', 'c']) send(by);
  await run(10_000, () => pending.length === 3);
  pending[0]?.settle({ refused: { code: 'authority.token', message: 'nobody' } });
  pending[1]?.fail(new Error('a defect'));
  pending[2]?.settle({ data: { by: 'C' } });
  expect(await run(10_000, () => stateOf(host).length === 1 && quarantined.length === 2)).toBe(true);
  expect(quarantined).toEqual(['authority.token@0', 'admission.threw@1']);
});

test('what was admitted before a doubt is admitted again under the next claim, and decided once', async () => {
  const { hosted, cluster, pending, send, run } = startWorld();
  const host = hosted('p');
  await run(10_000, () => host.isReady);
  send('a');
  await run(10_000, () => pending.length === 1);
  cluster.nextAppend = { ...cluster.faults, answerLost: 1 };
  pending[0]?.settle({ data: { by: 'A' } });
  await run(60_000);
  for (const one of pending.splice(0)) one.settle({ data: { by: 'A' } });
  send('b');
  await run(10_000, () => pending.length > 0);
  for (const one of pending) one.settle({ data: { by: one.by.toUpperCase() } });
  expect(await run(10_000, () => stateOf(host).length === 2)).toBe(true);
  expect(stateOf(host)).toEqual(['A', 'B']);
});

test('a deferred message is kept as it was admitted, and another host does not admit it again', async () => {
  const { hosted, cluster, pending, send, run } = startWorld();
  const first = hosted('p');
  send('a', true);
  await run(10_000, () => pending.length === 1);
  pending[0]?.settle({ data: { by: 'A', defer: true } });
  expect(await run(30_000, () => first.hosts.get(0)?.own.deferred.size === 1)).toBe(true);
  const deferred = cluster
    .stored('own', 0)
    .slice(0, 100)
    .find((record) => open(record)?.wires[0] === 'input.deferred/1');
  expect(Buffer.from(deferred?.value ?? []).toString('utf8')).toContain(
    Buffer.from('{"by":"A"').toString('base64').slice(0, 8),
  );
  await run(1_000);
  const stopped = first.stop();
  await run(30_000);
  await stopped;
  const second = hosted('q');
  await run(60_000, () => second.isReady);
  send('b');
  await run(10_000, () => pending.some(({ by }) => by === 'b'));
  pending.find(({ by }) => by === 'b')?.settle({ data: { by: 'B' } });
  expect(await run(10_000, () => stateOf(second).length === 2)).toBe(true);
  expect(stateOf(second)).toEqual(['A', 'B']);
  expect(pending.filter(({ by }) => by === 'a')).toHaveLength(1);
});
