import { CallRequested, callHashOf, hashedCallOf, runEvents } from '@interlock/contracts';
import type { Approval } from '@interlock/contracts/http';
import { eventId } from '@interlock/log';
import { expect, test } from 'vitest';
import type { Order } from '../../examples/retail/desk/records.ts';
import type { Call } from '../models/reply.ts';
import { eventually } from './eventually.ts';
import type { Shop } from './retail.shop.ts';
import { acceptedOf, readEverything } from './stored.log.ts';

/** Somebody wants more than is theirs, or than people agreed to. Answers with the runs in which a record was forged. */
export function tampering(stage: () => Shop): ReadonlySet<string> {
  const forged = new Set<string>();

  test('another’s order is refused by the desk even when people agree, and by policy when the model says whose it is', async () => {
    const shop = stage();
    const { mine, theirs } = ordersOf(shop);
    const customer = mine.user_id;
    const before = snapshot(shop);
    const asked = returnOf(theirs, { customer });
    const honest = returnOf(theirs, { customer: theirs.user_id });
    const calls = [asked, honest];
    const runId = await shop.starts('another', customer, 'Return that.', { calls, outcome: 'transferred' });
    await agree(shop, await shop.customer(customer).pendingOf(runId));
    await shop.ended(customer, runId);
    expect(await observedIn(shop, customer, runId)).toMatchObject([
      { result: 'failed', failure: { class: 'domain', code: 'unknown_order' } },
      { result: 'denied', failure: { class: 'denied', code: 'policy.before' } },
    ]);
    expect(await approvalsOf(shop, runId)).toHaveLength(1);
    expect(snapshot(shop)).toEqual({ ...before, refused: before.refused + 1 });
  });

  test('other items and another amount after the grant are another call: people are asked again, and nothing of it is written', async () => {
    const shop = stage();
    const { mine } = ordersOf(shop);
    const customer = mine.user_id;
    const before = snapshot(shop);
    const [first, ...rest] = mine.items;
    const little = { ...returnOf({ ...mine, items: [first!] }, { customer }) };
    const understated = { ...little, arguments: { ...(little.arguments as object), amount_cents: 1 } };
    const more = returnOf({ ...mine, items: [first!, ...rest] }, { customer });
    const calls = [understated, more];
    const runId = await shop.starts('changed', customer, 'Return one.', { calls, outcome: 'transferred' });
    const granted = await shop.customer(customer).pendingOf(runId);
    await agree(shop, granted);
    const again = await shop.customer(customer).pendingOf(runId, granted.approvalId);
    expect(again.callHash).not.toBe(granted.callHash);
    expect(again).toMatchObject({ votes: [], action: { tool: more.tool, arguments: more.arguments } });
    const [denier] = shop.approvers.of(again.required);
    expect((await denier!.votes(again.approvalId, 'deny')).status).toBe(202);
    await shop.ended(customer, runId);
    expect(await observedIn(shop, customer, runId)).toMatchObject([
      { result: 'failed', failure: { code: 'wrong_amount' } },
      { result: 'denied', failure: { code: 'approval.denied' } },
    ]);
    expect(snapshot(shop)).toEqual({ ...before, refused: before.refused + 1 });
  });

  test('a forged request of a greater amount under a grant is not what people granted, and nothing is written', async () => {
    const shop = stage();
    const { mine } = ordersOf(shop);
    const customer = mine.user_id;
    const before = snapshot(shop);
    const [first] = mine.items;
    const little = returnOf({ ...mine, items: [first!] }, { customer });
    const more = returnOf(mine, { customer });
    const course = { calls: [little], outcome: 'transferred' as const };
    const runId = await shop.starts('forged', customer, 'Return one.', course);
    forged.add(runId);
    const person = shop.customer(customer);
    const approval = await person.pendingOf(runId);
    await person.orders(runId, { type: 'pause' });
    await person.runUntil(runId, 'paused');
    await agree(shop, approval);
    await eventually('the grant to be recorded', async () =>
      (await person.events(runId)).some(({ type }) => type === 'approval.granted'),
    );
    await shop.system.forge(async (forger) => {
      const all = acceptedOf(await readEverything(forger.broker), runEvents.name);
      const own = all.filter(({ accepted }) => accepted.meta.run === runId);
      const seq = own.length + 1;
      const requestedCall = own.findLast(({ type }) => type === 'call.requested')!;
      const { approvalId } = approval;
      const call = {
        ...requestedCall.data,
        approvalId,
        arguments: more.arguments,
        needs: [eventId(runId, seq)],
      };
      const changed = {
        ...call,
        notAfter: Date.now() + 60_000,
        callHash: callHashOf(hashedCallOf(runId, call)),
      };
      const previous = own.at(-1)!.accepted.hash;
      await forger.append(runEvents, runId, CallRequested(changed), { seq, previous });
    });
    await person.orders(runId, { type: 'resume' });
    await shop.ended(customer, runId);
    const verdicts = (await person.events(runId)).filter(({ type }) => type === 'verdict.recorded');
    expect(JSON.stringify(verdicts)).toContain('is not confirmed for exactly this call');
    expect(snapshot(shop)).toEqual(before);
  });

  test('a call outside the list is not even asked for', async () => {
    const shop = stage();
    const { mine } = ordersOf(shop);
    const customer = mine.user_id;
    const before = snapshot(shop);
    const unlisted = { tool: 'refunds.create', arguments: { customer, amount_cents: 1 } };
    const calls = [unlisted];
    const runId = await shop.starts('unlisted', customer, 'Pay me.', { calls, outcome: 'transferred' });
    const run = await shop.ended(customer, runId);
    expect([run.status, run.output?.outcome]).toEqual(['completed', 'transferred']);
    expect(await observedIn(shop, customer, runId)).toMatchObject([
      { tool: 'refunds.create', result: 'unlisted' },
    ]);
    const types = (await shop.events(customer, runId)).map(({ type }) => type);
    expect(types).not.toContain('call.requested');
    expect(snapshot(shop)).toEqual(before);
  });

  return forged;
}

/** Two delivered orders of different customers, each of several items worth little, as the data is at first. */
function ordersOf({ data }: Shop): { readonly mine: Order; readonly theirs: Order } {
  const worth = (order: Order) => order.items.reduce((sum, { price }) => sum + price, 0);
  const fit = Object.values(data.orders).filter(
    (order) => order.status === 'delivered' && order.items.length > 1 && worth(order) < 1_000,
  );
  const [mine] = fit;
  return { mine: mine!, theirs: fit.find(({ user_id }) => user_id !== mine!.user_id)! };
}

/** Returns these items, with what they are worth. */
const returnOf = (
  { order_id, items, payment_history }: Order,
  { customer }: { readonly customer: string },
): Call => ({
  tool: 'return_delivered_order_items',
  arguments: {
    customer,
    order_id,
    amount_cents: items.reduce((sum, { price }) => sum + Math.round(price * 100), 0),
    item_ids: items.map(({ item_id }) => item_id),
    payment_method_id: payment_history[0]!.payment_method_id,
  },
});

/** What the shop keeps, and what was asked of it. */
function snapshot({ store }: Shop) {
  const writes = store.writes();
  const done = writes.filter(({ change }) => change !== undefined).length;
  return { data: store.data(), done, refused: writes.length - done };
}

async function agree(shop: Shop, { approvalId, required }: Approval): Promise<void> {
  for (const person of shop.approvers.of(required)) {
    expect((await person.votes(approvalId, 'approve')).status).toBe(202);
  }
}

async function observedIn(shop: Shop, customer: string, runId: string): Promise<unknown[]> {
  const events = await shop.events(customer, runId);
  return events.filter(({ type }) => type === 'agent.observed').map(({ data }) => data.observation);
}

async function approvalsOf(shop: Shop, runId: string): Promise<unknown[]> {
  const [support] = shop.approvers.of('single');
  const { body } = await support!.ask<{ items: unknown[] }>('GET', `/v1/approvals?runId=${runId}`);
  return body.items;
}
