import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeclaredFailure, type LoadedModules, loadModules, type Tool } from '@interlock/tools';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type OrderSystemProcess, startOrderSystem } from './order-system.process.ts';
import { refundRequests } from './requests.ts';

let modules: LoadedModules;
let directory: string;
let shop: OrderSystemProcess;

beforeAll(async () => {
  modules = await loadModules([import.meta.dirname]);
});
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'refund-desk-'));
  await open();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await shop.stop();
  await rm(directory, { recursive: true });
});
afterAll(() => vi.unstubAllEnvs());

async function open(): Promise<void> {
  shop = await startOrderSystem(directory);
  vi.stubEnv('REFUND_DESK_URL', shop.url);
}

const tool = (name: string): Tool => {
  const found = modules.tools.find(({ manifest }) => manifest.name === name);
  if (found === undefined) throw new Error(`no tool ${name}`);
  return found;
};

/** As the executor would: input and output against the tool's own schemas. */
async function call(name: string, input: unknown, idempotencyKey = 'key-1'): Promise<unknown> {
  const { inputSchema, outputSchema, run } = tool(name);
  const output = await run(inputSchema.parse(input), {
    idempotencyKey,
    signal: AbortSignal.timeout(5_000),
    deadline: Date.now() + 5_000,
    attempt: 1,
    fail: (failure) => {
      throw new DeclaredFailure(failure);
    },
    log: () => {},
  });
  return outputSchema.parse(output);
}

const requests = refundRequests();
const fresh = requests.find(({ expected }) => expected.outcome === 'refunded')?.input ?? requests[0]!.input;
const refund = {
  orderId: fresh.orderId,
  customerId: fresh.customerId,
  orderCustomerId: fresh.customerId,
  amountCents: 1_000,
};
const logged = async (): Promise<{ method: string; path: string; idempotencyKey: string | null }[]> =>
  (await readFile(join(directory, 'requests.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const counts = async () => (await fetch(`${shop.url}/requests`)).json();

describe('the order system', () => {
  test('pays once a key, and has logged every request for it', async () => {
    const first = await call('refunds.create', refund);
    expect(await call('refunds.create', refund)).toEqual(first);
    const writes = (await logged()).filter(({ path }) => path === '/refunds');
    expect(writes.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['key-1', 'key-1']);
    expect(await counts()).toMatchObject({
      routes: { 'POST /refunds': 2 },
      ordersRefundedUnderSeveralKeys: [],
    });
  });

  test('refuses a second refund of an order under another key, and names it', async () => {
    await call('refunds.create', refund);
    await expect(call('refunds.create', refund, 'key-2')).rejects.toMatchObject({
      failure: { code: 'already_refunded', orderId: refund.orderId },
    });
    expect(await counts()).toMatchObject({ ordersRefundedUnderSeveralKeys: [refund.orderId] });
  });

  test('refuses a key that comes with another request', async () => {
    await call('refunds.create', refund);
    await expect(call('refunds.create', { ...refund, amountCents: 999 })).rejects.toMatchObject({
      status: 422,
    });
  });

  test('keeps what it has answered for when it is killed', async () => {
    const paid = await call('refunds.create', refund);
    await shop.stop('SIGKILL');
    await open();
    expect(await call('refunds.create', refund)).toEqual(paid);
    expect(await counts()).toMatchObject({ routes: { 'POST /refunds': 2 } });
  });

  test('refuses bodies that are not JSON or too large, and goes on', async () => {
    const post = (body: string) => fetch(`${shop.url}/refunds`, { method: 'POST', body });
    expect((await post('{')).status).toBe(400);
    expect((await post(`"${'x'.repeat(70_000)}"`)).status).toBe(413);
    expect((await fetch(`${shop.url}/healthz`)).status).toBe(200);
  });
});

describe('the tools', () => {
  test('an unknown order is a declared failure of each tool that looks for it', async () => {
    const failure = { code: 'unknown_order', orderId: 'ord-9999' };
    await expect(call('orders.get', { orderId: 'ord-9999' })).rejects.toMatchObject({ failure });
    const quote = { orderId: 'ord-9999', reason: 'damaged', requestedOn: '2026-11-20' };
    await expect(call('refunds.quote', quote)).rejects.toMatchObject({ failure });
  });

  test('a refund and a mail can be found by the key of their call, and only by that', async () => {
    const paid = await call('refunds.create', refund, 'key-r');
    const mail = { to: 'a@b.example', orderEmail: 'a@b.example', subject: 's', body: 'b' };
    const sent = await call('mail.send', mail, 'key-m');
    expect(await call('refunds.find', { key: 'key-r', input: refund })).toEqual({
      found: true,
      output: paid,
    });
    expect(await call('mail.find', { key: 'key-m', input: mail })).toEqual({ found: true, output: sent });
    expect(await call('refunds.find', { key: 'key-m' })).toEqual({ found: false });
    expect(await call('mail.find', { key: 'key-r' })).toEqual({ found: false });
  });

  test('a refund is taken back once a key, and its order may be refunded again', async () => {
    const { refundId } = (await call('refunds.create', refund)) as { refundId: string };
    const cancelled = { refundId, status: 'cancelled' };
    expect(await call('refunds.cancel', { refundId }, 'key-c')).toEqual(cancelled);
    expect(await call('refunds.cancel', { refundId }, 'key-c')).toEqual(cancelled);
    expect(await (await fetch(`${shop.url}/cancellations`)).json()).toEqual({ refundIds: [refundId] });
    await expect(call('refunds.cancel', { refundId: 'ref-0' }, 'key-d')).rejects.toMatchObject({
      failure: { code: 'unknown_refund', refundId: 'ref-0' },
    });
    expect(await call('refunds.create', refund, 'key-2')).toMatchObject({ status: 'paid' });
  });

  test('what undoes a refund is worked out from what was paid', async () => {
    const output = await call('refunds.create', refund);
    const undo = tool('refunds.create').compensateWith?.({ input: refund, output });
    expect(undo).toEqual({ refundId: (output as { refundId: string }).refundId });
  });

  test('a closed mailbox is a declared failure, and nothing is sent', async () => {
    const to = 'fatima8@closed.example';
    const mail = { to, orderEmail: to, subject: 's', body: 'b' };
    await expect(call('mail.send', mail)).rejects.toMatchObject({ failure: { code: 'mailbox_closed', to } });
    expect(await call('mail.find', { key: 'key-1' })).toEqual({ found: false });
  });

  test('mail is sent as often as it is asked for, and the log shows it', async () => {
    const mail = { to: 'a@b.example', orderEmail: 'a@b.example', subject: 's', body: 'b' };
    await call('mail.send', mail);
    await call('mail.send', mail);
    expect(await counts()).toMatchObject({ mailsRequestedTwice: ['key-1'] });
  });
});
