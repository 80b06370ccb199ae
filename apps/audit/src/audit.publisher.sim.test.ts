import { RenewingProducer, type StoredRecord } from '@interlock/broker';
import { SimulatedCluster } from '@interlock/broker/simulated';
import { auditEvents, runEvents } from '@interlock/contracts';
import { ProcessUnderTest, seededRandom, VirtualTime } from '@interlock/simulation';
import { describe, expect, test } from 'vitest';
import { completed, recorded, requestedCall, started } from '../../../libs/projection/test/run-events.js';
import { acceptedEvents, RunLog } from '../../../libs/projection/test/run-log.js';
import { consume, textOf } from '../test/audit.consumer.js';
import { derivedFrom } from '../test/derived.stream.js';
import { anchor, manifests } from '../test/signing.js';
import { AuditPublisher } from './audit.publisher.js';

const START = 1_000_000;
const STEPS = 300;
const seen = { repeats: 0, events: 0, kills: 0, late: 0, doubts: 0 };

async function simulate(seed: number, stores: 'events' | 'heads'): Promise<void> {
  const random = seededRandom(seed);
  const time = new VirtualTime(START);
  const cluster = new SimulatedCluster({
    now: () => time.now(),
    after: (ms, task) => void time.after(ms, task),
    random,
  });
  for (const topic of [runEvents, auditEvents]) cluster.create(topic, 2);
  cluster.faults = { lost: 0.05, answerLost: 0.05, late: 0.08, repeated: 0.04, lateMsMax: 9_000 };
  const broken: unknown[] = [];
  const start = (name: string) => {
    const under = new ProcessUnderTest(name, cluster, time, random);
    const { broker, runtime } = under;
    const ports = {
      broker,
      stores,
      runtime,
      manifests,
      anchor,
      producer: new RenewingProducer(broker),
      note: (level: string, what: string, facts: object) => {
        seen.doubts += 1;
        if (level === 'error') broken.push([what, facts]);
      },
    };
    void new AuditPublisher(ports, (error) => void broken.push(error)).start();
    return under;
  };
  const logs = [0, 1].map(
    (p) => new RunLog((records) => void cluster.stored(runEvents.name, p).land(records)),
  );
  for (const log of logs) log.claim();
  const processes = [start('a'), start('b')];
  let runs = 0;
  for (let at = 0; at < STEPS; at++) {
    time.after(at * 70 + random() * 70, () => {
      const log = logs[Math.floor(random() * 2)] as RunLog;
      const chance = random();
      if (chance < 0.03) {
        const victim = Math.floor(random() * processes.length);
        processes[victim]?.kill();
        processes[victim] = start(`p${at}`);
        seen.kills += 1;
      } else if (chance < 0.06) {
        const victim = processes[Math.floor(random() * processes.length)];
        victim?.suspend();
        time.after(random() * 15_000, () => victim?.wake());
      } else if (chance < 0.07) cluster.rebalance();
      else if (chance < 0.12) {
        log.lose(`run-${runs}`, [started(runs)]);
        log.claim();
        log.landLate();
        seen.late += 1;
      } else {
        const n = runs++;
        log.append(`run-${n}`, [started(n), requestedCall(n)]);
        // Some stay open: their heads are signed too.
        if (chance < 0.8) log.append(`run-${n}`, [recorded(n), completed]);
        if (chance > 0.9) log.progress();
      }
    });
  }
  await time.runUntil(START + STEPS * 70 + 100, () => false);
  cluster.faults = { lost: 0, answerLost: 0, late: 0, repeated: 0, lateMsMax: 0 };
  for (const under of processes) under.wake();
  const stored = (topic: string, p: number) => cluster.stored(topic, p).slice(0, Number.POSITIVE_INFINITY);
  const wanted = [0, 1].map((p) => acceptedEvents(stored(runEvents.name, p)));
  const done = () =>
    [0, 1].every((p) => consume(stored(auditEvents.name, p)).kept.length >= (wanted[p]?.length ?? 0));
  await time.runUntil(time.now() + 60_000, stores === 'events' ? done : () => false);
  await time.runUntil(time.now() + 20_000, () => false);
  expect(broken).toEqual([]);
  for (const p of [0, 1]) {
    const stream = stores === 'events' ? stored(auditEvents.name, p) : await derivedFrom(cluster, p);
    const { kept, gaps, different, repeats } = consume(stream);
    seen.repeats += repeats;
    expect(gaps).toEqual([]);
    expect(different).toEqual([]);
    const offsets = kept.map((record) => Number(textOf(record, 'sourceoffset')));
    expect(offsets).toEqual(wanted[p]?.map(({ offset }) => offset));
    seen.events += kept.length;
    expect(signedOf(stream)).toEqual(lastOf(kept));
  }
}

/** The latest event of each run, and the latest one that a head covers. */
const lastOf = (events: readonly StoredRecord[]) =>
  new Map(events.map((event) => [textOf(event, 'subject'), textOf(event, 'hash')]));
const signedOf = (records: readonly StoredRecord[]) =>
  new Map(
    records
      .filter((record) => textOf(record, 'type') === 'interlock.head.v1')
      .map((record) => JSON.parse(Buffer.from(record.value ?? []).toString()).head)
      .sort((a, b) => a.seq - b.seq)
      .map(({ runId, hash }) => [runId, hash]),
  );

describe('whatever process dies, sleeps or comes back late, and whatever append is lost, late or repeated', () => {
  for (let seed = 1; seed <= 20; seed++)
    test(`the stream holds every accepted event in order and the head of every run, and what comes twice is the same (seed ${seed})`, () =>
      simulate(seed, 'events'));
  for (let seed = 21; seed <= 30; seed++)
    test(`what is derived where only heads are stored holds the same (seed ${seed})`, () =>
      simulate(seed, 'heads'));

  test('and there was something to repeat', () => {
    expect(seen.kills).toBeGreaterThan(50);
    expect(seen.repeats).toBeGreaterThan(1_000);
    expect(seen.events).toBeGreaterThan(10_000);
    expect(seen.late).toBeGreaterThan(100);
    expect(seen.doubts).toBeGreaterThan(30);
  });
});
