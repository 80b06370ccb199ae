import { partitionOf } from '@interlock/broker';
import { QuarantineMessage, quarantineOf, runCommands } from '@interlock/contracts';
import { plainRecord } from '@interlock/log';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GatewayUnderTest } from './gateway.under-test.js';

const start = { workflow: 'wait-for-go', input: { orderId: 'ord-1' } };
const refusal = { class: 'unauthorized', code: 'authority.expired', message: 'the token had expired' };

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start({ orchestrator: false });
});
afterAll(() => gateway.remove());

const begin = (key: string) => gateway.json('POST', '/v1/runs', start, { 'idempotency-key': key });
const shown = async (runId: string) => (await gateway.json('GET', `/v1/runs/${runId}`)).body;

/** Starts of the run, as they lie in the log. */
async function startsOf(runId: string) {
  const partition = partitionOf(runId, await gateway.broker.partitions(runCommands.name));
  const found = [];
  for await (const records of gateway.broker.read(runCommands.name, partition, 0))
    found.push(...records.filter(({ key }) => key === runId));
  return { partition, found };
}

/** The orchestrator sets the last start of the run aside, as its host does. */
async function setAside(runId: string, change: { requestHash?: string; topic?: string } = {}): Promise<void> {
  const { partition, found } = await startsOf(runId);
  const { offset, headers, value } = found.at(-1)!;
  const text = { ...JSON.parse(Buffer.from(value!).toString()), ...change };
  const { data } = QuarantineMessage({
    service: 'orchestrator',
    topic: change.topic ?? runCommands.name,
    partition,
    offset,
    key: runId,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
    ),
    value: Buffer.from(JSON.stringify(text)).toString('base64'),
    code: refusal.code,
    message: refusal.message,
    at: Date.now(),
  });
  const { name } = quarantineOf('orchestrator');
  const record = plainRecord(
    runId,
    QuarantineMessage.wire,
    { id: `${runId}/${offset}`, time: Date.now() },
    data,
  );
  await gateway.broker.producer().append(name, partition, [record]);
}

describe('a start that the orchestrator sets aside', () => {
  test('is refused for whoever asks for its run, with the reason', async () => {
    const { body } = await begin('one');
    expect((await shown(body.runId)).status).toBe('accepted');
    await setAside(body.runId);
    await gateway.until(async () => (await shown(body.runId)).status !== 'accepted');
    expect(await shown(body.runId)).toMatchObject({
      status: 'refused',
      failure: refusal,
      lastSeq: 0,
      input: start.input,
    });
  });

  test('is started anew by the same request under its key, which nothing else is', async () => {
    const { body } = await begin('two');
    await begin('two');
    expect((await startsOf(body.runId)).found).toHaveLength(1);
    await setAside(body.runId);
    await gateway.until(async () => (await shown(body.runId)).status === 'refused');
    const again = await begin('two');
    expect(again.body).toMatchObject({ runId: body.runId, status: 'accepted' });
    expect((await startsOf(body.runId)).found).toHaveLength(2);
    expect((await shown(body.runId)).status).toBe('accepted');
  });

  test('says nothing of a run that another request started, and neither does what was set aside elsewhere', async () => {
    const { body } = await begin('three');
    await setAside(body.runId, { requestHash: 'of another' });
    await setAside(body.runId, { topic: 'approval.commands' });
    const { body: seen } = await begin('four');
    await setAside(seen.runId);
    await gateway.until(async () => (await shown(seen.runId)).status === 'refused');
    expect((await shown(body.runId)).status).toBe('accepted');
  });
});
