import type { ModuleKit } from '@interlock/tools';
import { orderSystem } from './order-system.client.ts';

export function refundTools(kit: ModuleKit) {
  const { defineTool, z } = kit;
  const ask = orderSystem(kit);
  const orderId = z.string().min(1).max(100);
  const customerId = z.string().min(1).max(100).meta({ classification: 'personal' });
  const paid = z.object({ refundId: z.string(), orderId, amountCents: z.int(), status: z.literal('paid') });

  const quote = defineTool({
    name: 'refunds.quote',
    version: 2,
    description: 'Says what could be paid back for an order, and what speaks for and against it.',
    input: z
      .object({
        orderId,
        reason: z.enum(['damaged', 'wrong_item', 'not_received', 'changed_mind']),
        requestedOn: z.iso.date(),
      })
      .meta({ classification: 'public' }),
    output: z.object({
      orderId,
      customerId,
      amountCents: z.int(),
      isDelivered: z.boolean(),
      isRefunded: z.boolean(),
      daysSinceDelivery: z.int(),
    }),
    failure: z.object({ code: z.literal('unknown_order'), orderId }),
    effect: 'read',
    risk: 'low',
    audience: 'internal',
    timeout: '5s',
    async run(input, { signal, fail }) {
      const quoted = await ask('POST', '/refunds/quote', { signal, body: input });
      return quoted.ok ? (quoted.body as never) : fail({ code: 'unknown_order', orderId: input.orderId });
    },
  });

  const refusals = ['unknown_order', 'wrong_customer', 'already_refunded', 'amount_too_high'] as const;
  const create = defineTool({
    name: 'refunds.create',
    version: 3,
    description: 'Pays money back to the card an order was paid with.',
    input: z.object({
      orderId,
      customerId: customerId.describe('Who asks'),
      orderCustomerId: customerId.describe('Whose order it is'),
      amountCents: z.int().min(1).max(10_000_000),
    }),
    output: paid,
    failure: z.object({ code: z.enum(refusals), orderId }),
    effect: 'write',
    risk: 'high',
    audience: 'customer',
    recovery: { by: 'idempotency-key' },
    compensate: { tool: 'refunds.cancel', with: ({ output }) => ({ refundId: output.refundId }) },
    timeout: '10s',
    cost: 0.01,
    async run({ orderId, orderCustomerId, amountCents }, { signal, idempotencyKey, fail }) {
      const body = { orderId, orderCustomerId, amountCents };
      const answer = await ask('POST', '/refunds', { signal, key: idempotencyKey, body });
      if (answer.ok) return answer.body as never;
      const code = refusals.find((known) => known === answer.code);
      if (code === undefined) throw new Error(`the order system said ${answer.code}`);
      return fail({ code, orderId });
    },
  });

  const cancel = defineTool({
    name: 'refunds.cancel',
    version: 1,
    description: 'Takes a refund back that should not have been paid.',
    input: z.object({ refundId: z.string().min(1).max(100) }),
    output: z.object({ refundId: z.string(), status: z.literal('cancelled') }),
    failure: z.object({ code: z.literal('unknown_refund'), refundId: z.string() }),
    effect: 'write',
    risk: 'high',
    audience: 'customer',
    recovery: { by: 'idempotency-key' },
    timeout: '10s',
    cost: 0.01,
    async run({ refundId }, { signal, idempotencyKey, fail }) {
      const answer = await ask('POST', '/refunds/cancel', {
        signal,
        key: idempotencyKey,
        body: { refundId },
      });
      if (answer.ok) return answer.body as never;
      if (answer.code !== 'unknown_refund') throw new Error(`the order system said ${answer.code}`);
      return fail({ code: 'unknown_refund', refundId });
    },
  });

  const find = defineTool({
    name: 'refunds.find',
    version: 1,
    description: 'Says whether a refund was paid under a key.',
    input: z.object({ key: z.string().min(1), input: z.unknown().optional() }),
    output: z.union([
      z.object({ found: z.literal(false) }),
      z.object({ found: z.literal(true), output: paid }),
    ]),
    effect: 'read',
    risk: 'low',
    audience: 'internal',
    timeout: '5s',
    async run({ key }, { signal }) {
      const answer = await ask('GET', `/refunds?reference=${encodeURIComponent(key)}`, { signal });
      const [refund] = answer.ok ? (answer.body as { refunds: Record<string, unknown>[] }).refunds : [];
      if (refund === undefined) return { found: false } as const;
      return { found: true, output: { ...refund, status: 'paid' } as never } as const;
    },
  });

  return [quote, create, cancel, find];
}
