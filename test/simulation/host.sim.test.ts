import { type Actor, defaultLimits, type HostSpec, ServiceHost } from '@interlock/actors';
import { SimulatedCluster } from '@interlock/broker/simulated';
import { Catalogue, defineCommand, defineEvent, type TopicSpec } from '@interlock/contracts';
import { FencedReader, partsOf, plainRecord } from '@interlock/log';
import { ProcessUnderTest, seededRandom, VirtualTime } from '@interlock/simulation';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const Add = defineCommand('add', 1, z.object({ id: z.string(), defer: z.boolean() }));
const Flush = defineCommand('flush', 1, z.object({ id: z.string() }));
const Added = defineEvent('added', 1, z.object({ ids: z.array(z.string()) }));
const Echoed = defineEvent('echoed', 1, z.object({ ids: z.array(z.string()) }));
const input: TopicSpec = {
  name: 'in',
  kind: 'plain',
  scope: 'run',
  keep: 'forever',
  stampedBy: 'writer',
  writer: 'gateway',
};
const between: TopicSpec = {
  name: 'between',
  kind: 'fenced',
  scope: 'run',
  keep: 'read',
  stampedBy: 'writer',
  writer: 'orchestrator',
};
const output: TopicSpec = {
  name: 'out',
  kind: 'fenced',
  scope: 'run',
  keep: 'forever',
  stampedBy: 'writer',
  writer: 'policy',
};

/** Answers a command at once, or keeps it until a flush comes: every id must be added exactly once, all of a flush in one record. */
const adder: Actor<never> = {
  name: 'adder',
  inputs: { in: new Set(['add', 'flush']) },
  key: (message) => message.key,
  answerFault: () => ({ events: [] }),
  decide(given, _state, { deferred }) {
    if (given.kind !== 'message') return { events: [] };
    const { message } = given;
    const { id, defer } = message.data as { id: string; defer?: boolean };
    if (message.type === 'add')
      return defer ? { events: [], defer: true } : { events: [Added({ ids: [id] })] };
    const ids = deferred.map(({ data }) => (data as { id: string }).id);
    return { events: [...ids, id].map((one) => Added({ ids: [one] })), release: deferred };
  },
  evolve: () => undefined,
};

/** Every third id waits for one that does not: of one record some parts are answered and others held. */
const waits = ({ ids: [id = ''] }: { ids: string[] }): boolean => Number(id.slice(2)) % 3 === 0;

/** Says again what the adder said, in a log of its own; its input is cut behind it. */
const echo: Actor<readonly string[]> = {
  name: 'echo',
  inputs: { between: new Set(['added']) },
  key: (message) => message.key,
  answerFault: () => ({ events: [] }),
  decide(given, _state, { deferred }) {
    if (given.kind !== 'message') return { events: [] };
    const said = given.message.data as { ids: string[] };
    if (waits(said)) return { events: [], defer: true };
    const all = [...deferred.map(({ data }) => data as { ids: string[] }), said];
    return { events: all.map((one) => Echoed(one)), release: deferred };
  },
  evolve: (state, event) => [...(state ?? []), ...(event.data as { ids: string[] }).ids],
};

const limits = {
  ...defaultLimits,
  deferMs: 200,
  progressMs: 200,
  commitMs: 300,
  trimMs: 700,
  claimAnewMs: 4_000,
};
const adding: HostSpec<never> = {
  service: 'orchestrator',
  host: 'sim',
  topic: 'between',
  numbered: false,
  actor: adder,
  events: new Catalogue([Added]),
  inputs: [{ topic: 'in', kind: 'plain', catalogue: new Catalogue([Add, Flush]) }],
  readers: ['policy'],
  limits,
};
const echoing: HostSpec<readonly string[]> = {
  service: 'policy',
  host: 'sim',
  topic: 'out',
  numbered: true,
  actor: echo,
  events: new Catalogue([Echoed]),
  inputs: [{ topic: 'between', kind: 'fenced', catalogue: new Catalogue([Added]) }],
  limits,
};

async function simulate(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const time = new VirtualTime(1_000_000);
  const cluster = new SimulatedCluster({
    now: () => time.now(),
    after: (ms, task) => void time.after(ms, task),
    random,
  });
  cluster.create(input, 2);
  cluster.create(between, 2);
  cluster.create(output, 2);
  cluster.faults = { lost: 0.03, answerLost: 0.03, late: 0.05, repeated: 0.03, lateMsMax: 8_000 };
  const broken: unknown[] = [];
  const start = (name: string) => {
    const under = new ProcessUnderTest(name, cluster, time, random);
    const ports = {
      broker: under.broker,
      runtime: under.runtime,
      observer: { note: () => {}, stopped: (_partition: number, error: unknown) => void broken.push(error) },
      consequences: { quarantine: () => {} },
    };
    void new ServiceHost(adding, ports).start(under.broker);
    void new ServiceHost(echoing, ports).start(under.broker);
    return under;
  };
  const processes = [start('a'), start('b')];
  const sent: string[][] = [[], []];
  let next = 0;
  const send = (partition: number, type: typeof Add | typeof Flush, defer: boolean) => {
    const id = `id${next++}`;
    sent[partition]!.push(id);
    const record = plainRecord(
      `key${partition}`,
      type.wire,
      { id, time: Math.floor(time.now()) },
      { id, defer },
    );
    cluster.stored('in', partition).land([record]);
  };
  const faulty = 400;
  for (let at = 0; at < faulty; at++) {
    time.after(at * 60 + random() * 60, () => {
      const chance = random();
      if (chance < 0.04) {
        const victim = Math.floor(random() * processes.length);
        processes[victim]!.kill();
        processes[victim] = start(`p${at}`);
      } else if (chance < 0.08) {
        const victim = processes[Math.floor(random() * processes.length)]!;
        victim.suspend();
        time.after(random() * 12_000, () => victim.wake());
      } else if (chance < 0.1) cluster.rebalance();
      else if (chance < 0.3) send(random() < 0.5 ? 0 : 1, Flush, false);
      else send(random() < 0.5 ? 0 : 1, Add, random() < 0.4);
    });
  }
  await time.runUntil(1_000_000 + faulty * 60 + 100, () => false);
  cluster.faults = { lost: 0, answerLost: 0, late: 0, repeated: 0, lateMsMax: 0 };
  for (const under of processes) under.wake();
  for (const partition of [0, 1]) {
    if (next % 3 === 0) next += 1;
    send(partition, Flush, false);
  }
  const done = () =>
    [0, 1].every((partition) => answered(cluster, partition).length >= sent[partition]!.length);
  await time.runUntil(time.now() + 60_000, done);
  expect(broken).toEqual([]);
  cuts += [0, 1].filter((partition) => cluster.stored('between', partition).start > 0).length;
  for (const partition of [0, 1]) {
    expect([...answered(cluster, partition)].sort(), `partition ${partition}`).toEqual(
      [...sent[partition]!].sort(),
    );
  }
}

function answered(cluster: SimulatedCluster, partition: number): string[] {
  const reader = new FencedReader('out', partition);
  const ids: string[] = [];
  for (const record of cluster.stored('out', partition).slice(0, Number.POSITIVE_INFINITY)) {
    const accepted = reader.take(record);
    if (accepted === undefined) continue;
    for (const { wire, data } of partsOf(accepted, record.value))
      if (wire === Echoed.wire) ids.push(...(data as { ids: string[] }).ids);
  }
  return ids;
}

/** Partitions that were cut in all seeds together: a check of the check. */
let cuts = 0;

describe('whatever crashes, hangs, repeats or comes late', () => {
  for (let seed = 1; seed <= 40; seed++) {
    test(`each input is answered exactly once, and its answer read once (seed ${seed})`, () =>
      simulate(seed));
  }

  test('and the log between was cut behind its reader', () => expect(cuts).toBeGreaterThan(20));
});
