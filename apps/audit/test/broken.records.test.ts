import { RenewingProducer } from '@interlock/broker';
import { SimulatedCluster } from '@interlock/broker/simulated';
import { auditEvents, runEvents, topics } from '@interlock/contracts';
import { ProcessUnderTest, seededRandom, VirtualTime } from '@interlock/simulation';
import { beforeEach, expect, test } from 'vitest';
import { completed, recorded, requestedCall, started } from '../../../libs/projection/test/run-events.js';
import { RunLog } from '../../../libs/projection/test/run-log.js';
import { AuditPublisher } from '../src/audit.publisher.js';
import type { Anchor } from '../src/run.anchor.js';
import { anchor, manifests } from './signing.js';

const BROKEN = 0;
const WHOLE = 1;

let time: VirtualTime;
let cluster: SimulatedCluster;
let under: ProcessUnderTest;
let logs: RunLog[];
let notes: string[];
beforeEach(() => {
  time = new VirtualTime(0);
  const after = (ms: number, task: () => void) => void time.after(ms, task);
  cluster = new SimulatedCluster({ now: () => time.now(), after, random: seededRandom(1) });
  for (const topic of topics) cluster.create(topic, 2);
  under = new ProcessUnderTest('audit', cluster, time, seededRandom(2));
  logs = [BROKEN, WHOLE].map((partition) => {
    const log = new RunLog((records) => void cluster.stored(runEvents.name, partition).land(records));
    log.claim();
    return log;
  });
  notes = [];
});

const note = (level: string, what: string) => void notes.push(`${level}: ${what}`);
const stored = (topic: string, partition: number) => cluster.stored(topic, partition).bounds.end;
/** Longer than anything here waits before it tries again. */
const pass = async () => {
  await new Promise((resolve) => void setImmediate(resolve));
  await time.runUntil(time.now() + 60_000, () => false);
};
const live = (partition: number, n: number) =>
  logs[partition]!.append(`run-${n}`, [started(n), requestedCall(n), recorded(n), completed]);

/** An accepted event that is not what its type says, between whole runs. The other partition holds two runs. */
function writeBroken(): void {
  for (const partition of [BROKEN, WHOLE]) live(partition, partition);
  logs[BROKEN]!.append('run-2', [
    ['run.started/1', Buffer.from('{')],
    ['run.completed/1', Buffer.from('{')],
  ]);
  for (const partition of [BROKEN, WHOLE]) live(partition, 3 + partition);
}

async function publishing(signedBy: Anchor = anchor): Promise<AuditPublisher> {
  const { broker, runtime } = under;
  const producer = new RenewingProducer(broker);
  const ports = { broker, producer, runtime, manifests, anchor: signedBy, note };
  const publisher = new AuditPublisher(ports, (error) => {
    throw error;
  });
  void publisher.start();
  await pass();
  return publisher;
}

const isStopped = 'error: the audit stream of this partition stopped: people must look; the others go on';

test('the audit stream ends in front of an event that is not what it says, by name, and the other partition goes on', async () => {
  writeBroken();
  const publisher = await publishing();
  expect(publisher.waitingFor).toMatch(/^partition 0: run\.events\/0 at offset 6 cannot be shown/);
  expect(notes).toEqual([isStopped]);
  const before = stored(auditEvents.name, WHOLE);
  live(WHOLE, 9);
  await pass();
  expect(stored(auditEvents.name, WHOLE)).toBeGreaterThan(before);
});

test('a defect of ours stops the audit stream of one partition by name, and it is not read again and again', async () => {
  const broken: Anchor = (end) => {
    if (end.runId === 'run-0') throw new TypeError('planted');
    return anchor(end);
  };
  for (const partition of [BROKEN, WHOLE]) live(partition, partition);
  const publisher = await publishing(broken);
  expect(publisher.waitingFor).toMatch(/^partition 0: .*planted/);
  expect(notes).toEqual([isStopped]);
  expect(stored(auditEvents.name, BROKEN)).toBe(0);
  expect(stored(auditEvents.name, WHOLE)).toBeGreaterThan(0);
});
