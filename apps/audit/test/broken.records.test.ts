import { RenewingProducer } from '@interlock/broker';
import { auditEvents } from '@interlock/contracts';
import { beforeEach, expect, test } from 'vitest';
import { BROKEN, BrokenLog, WHOLE } from '../../../libs/projection/test/broken-log.js';
import { AuditPublisher } from '../src/audit.publisher.js';
import type { Anchor } from '../src/run.anchor.js';
import { anchor, manifests } from './signing.js';

let log: BrokenLog;
beforeEach(() => {
  log = BrokenLog.readBy('audit');
});

async function publishing(signedBy: Anchor = anchor): Promise<AuditPublisher> {
  const { broker, runtime } = log.under;
  const producer = new RenewingProducer(broker);
  const ports = {
    broker,
    stores: 'events' as const,
    producer,
    runtime,
    manifests,
    anchor: signedBy,
    note: log.note,
  };
  const publisher = new AuditPublisher(ports, (error) => {
    throw error;
  });
  void publisher.start();
  await log.pass();
  return publisher;
}

const isStopped = 'error: the audit stream of this partition stopped: people must look; the others go on';

test('the audit stream ends in front of an event that is not what it says, by name, and the other partition goes on', async () => {
  log.writeBroken();
  const publisher = await publishing();
  expect(publisher.waitingFor).toMatch(/^partition 0: run\.events\/0 at offset 6 cannot be shown/);
  expect(log.notes).toEqual([isStopped]);
  const before = log.endOf(auditEvents.name, WHOLE);
  log.live(WHOLE, 9);
  await log.pass();
  expect(log.endOf(auditEvents.name, WHOLE)).toBeGreaterThan(before);
});

test('a defect of ours stops the audit stream of one partition by name, and it is not read again and again', async () => {
  const broken: Anchor = (end) => {
    if (end.runId === 'run-0') throw new TypeError('planted');
    return anchor(end);
  };
  for (const partition of [BROKEN, WHOLE]) log.live(partition, partition);
  const publisher = await publishing(broken);
  expect(publisher.waitingFor).toMatch(/^partition 0: .*planted/);
  expect(log.notes).toEqual([isStopped]);
  expect(log.endOf(auditEvents.name, BROKEN)).toBe(0);
  expect(log.endOf(auditEvents.name, WHOLE)).toBeGreaterThan(0);
});
