import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import {
  CallRequested,
  callHashOf,
  hashedCallOf,
  PolicyDecided,
  policyEvents,
  runEvents,
  VerdictRecorded,
} from '@interlock/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { z } from 'zod';
import {
  type OrderSystemProcess,
  startOrderSystem,
} from '../../examples/refund-desk/order-system.process.ts';
import { type RefundRequest, refundRequests, workflow } from '../../examples/refund-desk/requests.ts';
import { eventually } from './eventually.ts';
import { Forger } from './forger.ts';
import { newPlace } from './place.ts';
import { acceptedOf, readStoredLog, type StoredMessage, withStoredLog } from './stored.log.ts';
import { type SystemProcess, startSystem } from './system.process.ts';
import { writtenLines } from './written.lines.ts';

let place: Awaited<ReturnType<typeof newPlace>>;
let orders: OrderSystemProcess;
beforeEach(async () => {
  place = await newPlace('denied');
  orders = await startOrderSystem(join(place.directory, 'orders'));
});
afterEach(async () => {
  await orders.stop();
  await place.remove();
});

const dataDir = () => join(place.directory, 'data');
const start = (...services: string[]): Promise<SystemProcess> =>
  startSystem({
    dataDir: dataDir(),
    environment: { INTERLOCK_MODULES: 'examples/refund-desk/module.ts', REFUND_DESK_URL: orders.url },
    ...(services.length === 0 ? {} : { services }),
  });

/** Everything the order system was asked, whatever it answered. */
const requestsReceived = (): { method: string; path: string; body: { orderId: string } }[] =>
  writtenLines(join(place.directory, 'orders', 'requests.jsonl'));

/** Orders for which it was asked to pay. */
const paidOrders = (): string[] =>
  requestsReceived()
    .filter(({ method, path }) => method === 'POST' && path === '/refunds')
    .map(({ body }) => body.orderId);

const refusals = async () =>
  acceptedOf(await readStoredLog(dataDir()), 'tool.events').flatMap(({ type, data }) =>
    type === 'tool.refused' ? [{ requestId: data.requestId, code: data.code, unsafe: data.unsafe }] : [],
  );

const verdictsOn = async (requestId: string | undefined) =>
  acceptedOf(await readStoredLog(dataDir()), policyEvents.name).flatMap(({ type, data }) =>
    type === 'policy.decided' && (data.requestId ?? data.checkId) === requestId ? [data.verdict] : [],
  );

const requests = refundRequests();
const honest = requests.filter(({ expected }) => expected.outcome === 'refunded');
const strangers = requests.filter(({ expected }) => expected.failure === 'denied');

test('what policy denies is not called, and the run says which step was denied', async () => {
  const system = await start();
  const runs = await Promise.all(strangers.map(({ input }) => system.client.start(workflow, input)));
  const ended = await Promise.all(runs.map(({ runId }) => system.client.settled(runId)));
  await system.stop();
  expect(ended.map(({ status, failure }) => ({ status, class: failure?.class }))).toEqual(
    strangers.map(() => ({ status: 'failed', class: 'denied' })),
  );
  expect(paidOrders()).toEqual([]);
  expect(await refusals()).toEqual([]);
});

test('a call whose verdict speaks about other arguments is refused as unsafe, and nothing is called', async () => {
  const victim = honest[0] as RefundRequest;
  const before = await start('registry', 'orchestrator', 'gateway');
  const { runId } = await before.client.start(workflow, victim.input);
  await eventually('the first call to be requested', async () =>
    (await before.client.events(runId)).some(({ type }) => type === 'call.requested'),
  );
  await before.stop();
  const requestedCall = requestedIn(acceptedOf(await readStoredLog(dataDir()), runEvents.name), runId);
  const other = { ...requestedCall.call, arguments: { orderId: 'ord-9999' } };
  await withStoredLog(dataDir(), async (broker) => {
    const forger = new Forger(broker);
    const verdict = allowFor(requestedCall.requestId, callHashOf(hashedCallOf(runId, other)));
    await forger.append(policyEvents, runId, verdict, { ref: requestedCall.offset });
  });

  const whole = await start();
  const ended = await whole.client.settled(runId);
  await whole.stop();
  // An unsafe refusal is a defect, or an attack: somebody has to look.
  expect(ended).toMatchObject({ status: 'escalated', failure: { class: 'internal' } });
  expect(await refusals()).toEqual([
    { requestId: requestedCall.requestId, code: 'wrong_hash', unsafe: true },
  ]);
  expect(requestsReceived()).toEqual([]);
  console.log(`requested ${requestedCall.requestId}, allowed for another callHash: ${ended.failure?.code}`);
});

test('payments that a forged orchestrator requests without a verdict of policy are not made', async () => {
  const before = await start();
  const { runId } = await before.client.start(workflow, honest[0]?.input);
  await before.client.settled(runId);
  await before.stop();
  const paidBefore = paidOrders();
  const model = await recordedRefund(runId);
  const notAfter = Date.now() + 15_000;
  const requestIds = await withStoredLog(dataDir(), (broker) =>
    forgeRequests(new Forger(broker), model, notAfter),
  );

  const whole = await start();
  const later = await whole.client.start(workflow, honest[6]?.input);
  expect(await whole.client.settled(later.runId)).toMatchObject({ status: 'completed' });
  await after(notAfter + 500 - Date.now()); // The log is the process's alone: nobody sees from outside when it has refused them.
  expect(await whole.client.status('/readyz')).toBe(200);
  await whole.stop();

  const nameOf = (requestId: string) => Object.entries(requestIds).find(([, id]) => id === requestId)?.[0];
  const named = (await refusals()).map(({ requestId, code, unsafe }) => [
    nameOf(requestId),
    { code, unsafe },
  ]);
  expect(paidOrders()).toEqual([...paidBefore, honest[6]?.input.orderId]);
  expect(Object.fromEntries(named)).toEqual({
    underAnOldVerdict: { code: 'expired', unsafe: false },
  });
  // Policy itself says no where nobody granted anything: the executor forgets the call.
  expect(await verdictsOn(requestIds.withAnApprovalOfNobody)).toEqual(['deny']);
  console.log(
    `forged requests: ${Object.keys(requestIds).length}, called: 0, refused: ${JSON.stringify(named)}`,
  );
});

interface RequestedCall {
  readonly requestId: string;
  readonly offset: number;
  readonly call: z.output<typeof CallRequested.schema>;
}

/** The refund that a run requested, as the log has it. */
async function recordedRefund(runId: string): Promise<RequestedCall> {
  const all = acceptedOf(await readStoredLog(dataDir()), runEvents.name);
  return requestedIn(all, runId, 'refunds.create');
}

function requestedIn(messages: readonly StoredMessage[], runId: string, tool?: string): RequestedCall {
  const found = messages.find(
    ({ type, data, accepted }) =>
      type === 'call.requested' && accepted.meta.run === runId && (tool ?? data.tool) === data.tool,
  );
  if (found === undefined) throw new Error(`run ${runId} requested no ${tool ?? 'call'}`);
  return { requestId: found.meta.id, offset: found.accepted.offset, call: found.data };
}

const allowFor = (requestId: string, callHash: string) =>
  PolicyDecided({
    checkId: requestId,
    point: 'before',
    requestId,
    callHash,
    verdict: 'allow',
    bundle: 'forged',
    policies: [],
    reason: 'forged',
    inputDigest: 'forged',
    mode: 'enforce',
  });

/** Payments for orders that nobody has refunded yet, each requested in another way that must not work. */
async function forgeRequests(
  forger: Forger,
  model: RequestedCall,
  notAfter: number,
): Promise<Record<string, string>> {
  const orderOf = (place: number) => honest[place]!.input;
  const requestCall = async ({ input, ...change }: Forgery): Promise<string> => {
    const runId = randomUUID();
    const requestId = `${runId}/1`;
    const { orderId, customerId } = input;
    const args = {
      orderId,
      customerId,
      orderCustomerId: customerId,
      amountCents: 1_000,
      ...change.arguments,
    };
    const call = { ...model.call, ...change.call, arguments: args, notAfter };
    const { needs = [] } = change;
    const callHash = change.callHash ?? callHashOf(hashedCallOf(runId, call));
    await forger.append(runEvents, runId, CallRequested({ ...call, needs, callHash }), { seq: 1 });
    if (change.saysAllowed) await forger.append(runEvents, runId, saidAllowed(requestId), { seq: 2 });
    return requestId;
  };
  return {
    underAnOldVerdict: await requestCall({ input: orderOf(1), needs: [model.requestId] }),
    withAnApprovalOfNobody: await requestCall({
      input: orderOf(3),
      call: { approvalId: 'granted-by-nobody' },
      arguments: { amountCents: 50_000 },
    }),
    forTooMuch: await requestCall({ input: orderOf(4), arguments: { amountCents: 50_000 } }),
    underTheHashOfAnother: await requestCall({ input: orderOf(5), callHash: model.call.callHash }),
    ofAnUnknownTool: await requestCall({ input: orderOf(7), call: { toolHash: 'f'.repeat(64) } }),
    withItsOwnWordForIt: await requestCall({
      input: orderOf(8),
      arguments: { customerId: 'cus-999' },
      saysAllowed: true,
    }),
  };
}

interface Forgery {
  readonly input: RefundRequest['input'];
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly call?: Partial<RequestedCall['call']>;
  readonly needs?: string[];
  readonly callHash?: string;
  /** The forged run claims that policy has allowed it. */
  readonly saysAllowed?: boolean;
}

const saidAllowed = (requestId: string) =>
  VerdictRecorded({
    checkId: requestId,
    requestId,
    step: 'refund',
    point: 'before',
    verdict: 'allow',
    bundle: 'forged',
    policies: [],
    reason: 'forged',
  });
