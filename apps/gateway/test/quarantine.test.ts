import { type NewRecord, partitionOf } from '@interlock/broker';
import { CancelRun, QuarantineMessage, quarantineOf, runCommands, runEvents } from '@interlock/contracts';
import { plainRecord } from '@interlock/log';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { developmentToken, GatewayUnderTest } from './gateway.under-test.js';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start();
});
afterAll(() => gateway.remove());

const list = async (query = '', headers = {}) =>
  (await gateway.json('GET', `/v1/quarantine${query}`, undefined, headers)).body;
const redrive = (id: string, headers = {}) =>
  gateway.json('POST', `/v1/quarantine/${id}/redrive`, { reason: 'mended' }, headers);
const begin = async () =>
  (await gateway.json('POST', '/v1/runs?wait=30s', { workflow: 'wait-for-go', input: { orderId: 'a' } })).body
    .runId as string;

/** A command to cancel the run, as a gateway writes it; `change` is what is wrong with it. */
function cancellation(runId: string, change: object = {}): NewRecord {
  const by = { sub: 'olga', roles: ['operator'] };
  const data = {
    commandId: `${runId}/cancel`,
    runId,
    by,
    issuedAt: Date.now(),
    reason: 'r',
    rollback: false,
  };
  return plainRecord(
    runId,
    CancelRun.wire,
    { id: data.commandId, run: runId, time: data.issuedAt },
    {
      ...data,
      ...change,
    },
  );
}

/** The orchestrator has set it aside. */
async function setAside(record: NewRecord, change: object = {}): Promise<void> {
  const partition = partitionOf(record.key, await gateway.broker.partitions(runCommands.name));
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  const { data } = QuarantineMessage({
    service: 'orchestrator',
    topic: runCommands.name,
    partition,
    offset: 9_999,
    key: record.key,
    headers: Object.fromEntries(Object.entries(record.headers).map(([name, bytes]) => [name, base64(bytes)])),
    value: base64(record.value!),
    code: 'authority.keys_missing',
    message: 'the key was not there',
    at: Date.now(),
    ...change,
  });
  const meta = { id: `${record.key}/aside`, time: Date.now() };
  const found = plainRecord(record.key, QuarantineMessage.wire, meta, data);
  await gateway.broker.producer().append(quarantineOf('orchestrator').name, partition, [found]);
}

test('a command that was set aside is listed with its cause and not with what it says; redriven, it is carried out once', async () => {
  const runId = await begin();
  await setAside(cancellation(runId));
  const [one] = (await list('?code=authority.keys_missing')).items;
  expect(one).toMatchObject({
    service: 'orchestrator',
    topic: 'run.commands',
    types: ['run.cancel/1'],
    key: runId,
    message: 'the key was not there',
    redrivable: true,
  });
  expect(JSON.stringify(one)).not.toContain('olga');
  expect(await redrive(one.id)).toMatchObject({ status: 202, body: { topic: 'run.commands' } });
  expect((await redrive(one.id)).status).toBe(202);
  const events = async () => (await gateway.json('GET', `/v1/runs/${runId}/events`)).body.items;
  await gateway.until(async () =>
    (await events()).some(({ type }: { type: string }) => type === 'run.cancelled'),
  );
  const cancelling = (await events()).filter(({ type }: { type: string }) => type === 'run.cancelling');
  expect(cancelling).toHaveLength(1);
});

test('redriven by many at once, and again after its run has ended, it is carried out once', async () => {
  const runId = await begin();
  await setAside(cancellation(runId), { code: 'authority.time' });
  const [one] = (await list('?code=authority.time')).items;
  const answers = await Promise.all(Array.from({ length: 8 }, () => redrive(one.id)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  const types = async () =>
    (await gateway.json('GET', `/v1/runs/${runId}/events`)).body.items.map(
      ({ type }: { type: string }) => type,
    );
  await gateway.until(async () => (await types()).includes('run.cancelled'));
  const before = await types();
  expect(before.filter((type: string) => type === 'run.cancelling')).toHaveLength(1);
  expect((await redrive(one.id)).status).toBe(202);
  // What is told behind it in its partition has an answer: the repeat has been dealt with.
  const next = await begin();
  await gateway.until(async () => (await gateway.json('GET', `/v1/runs/${next}`)).body.status === 'waiting');
  expect(await types()).toEqual(before);
});

test('a message that fails again is set aside again', async () => {
  const runId = await begin();
  const broken = cancellation(runId, { rollback: 'perhaps' });
  const partition = partitionOf(runId, await gateway.broker.partitions(runCommands.name));
  await gateway.broker.producer().append(runCommands.name, partition, [broken]);
  const mine = async () =>
    (await list('?limit=500')).items.filter(({ key }: { key: string }) => key === runId);
  await gateway.until(async () => (await mine()).length === 1);
  await redrive((await mine())[0].id);
  await gateway.until(async () => (await mine()).length === 2);
});

test('what cannot be put back as it was says why', async () => {
  const record = cancellation('some-run');
  await setAside(record, { topic: runEvents.name, code: 'c.topic' });
  await setAside(record, { bytes: 900_000, code: 'c.long' });
  await setAside(record, { part: 1, code: 'c.part' });
  for (const [code, why] of [
    ['c.topic', 'run.events is written by a service alone'],
    ['c.long', 'only its beginning was kept'],
    ['c.part', 'it is a part of a record'],
  ] as const) {
    const [one] = (await list(`?code=${code}`)).items;
    expect(one).toMatchObject({ redrivable: false, because: expect.stringContaining(why) });
    expect(await redrive(one.id)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining(why) },
    });
  }
});

test('a record that says what no date and no partition can be spoils nobody’s list', async () => {
  const record = cancellation('some-run');
  for (const at of [9_000_000_000_000_000, -1, 1.5]) await setAside(record, { at, code: 'c.date' });
  await setAside(record, { partition: 9_999, code: 'c.partition' });
  expect((await list('?code=c.date')).items).toEqual([]);
  expect((await list()).items.length).toBeGreaterThan(0);
  const [one] = (await list('?code=c.partition')).items;
  expect(await redrive(one.id)).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('run.commands has no partition 9999') },
  });
});

test('pages follow one another, newest first', async () => {
  const all = (await list()).items;
  const pages = [];
  for (let cursor = ''; ; ) {
    const { items, next } = await list(`?limit=2${cursor}`);
    pages.push(...items);
    if (next === undefined) break;
    cursor = `&cursor=${encodeURIComponent(next)}`;
  }
  expect(pages).toEqual(all);
  expect(all.length).toBeGreaterThan(3);
});

test('it is for those who keep the installation: not for operators, and not for an admin of a tenant', async () => {
  const as = async (roles: string[], tenant?: string) => ({
    authorization: `Bearer ${await developmentToken(gateway.directory, 'eve', roles, tenant)}`,
  });
  expect(await list('', await as(['operator']))).toMatchObject({ status: 403 });
  expect(await list('', await as(['admin'], 'acme'))).toMatchObject({ status: 403 });
  expect(await redrive('orchestrator.0.0', await as(['operator']))).toMatchObject({ status: 403 });
  expect((await list('', await as(['admin'], '*'))).items.length).toBeGreaterThan(0);
  expect(await redrive('orchestrator.0.999')).toMatchObject({ status: 404 });
  expect(await redrive('nobody.0.0')).toMatchObject({ status: 404 });
});
