import type { ModuleKit } from '@interlock/tools';
import { orderSystem } from './order-system.client.ts';

export function orderTools(kit: ModuleKit) {
  const { defineTool, z } = kit;
  const ask = orderSystem(kit);
  return [
    defineTool({
      name: 'orders.get',
      version: 2,
      description: 'Finds an order by its number.',
      input: z.object({ orderId: z.string().min(1).max(100) }).meta({ classification: 'public' }),
      output: z.object({
        orderId: z.string(),
        customerId: z.string(),
        email: z.string(),
        item: z.string(),
        amountCents: z.int(),
        currency: z.literal('EUR'),
        orderedOn: z.string(),
        deliveredOn: z.string().nullable().describe('ISO date; null: on its way'),
      }),
      failure: z.object({ code: z.literal('unknown_order'), orderId: z.string() }),
      effect: 'read',
      risk: 'low',
      audience: 'internal',
      timeout: '5s',
      async run({ orderId }, { signal, fail }) {
        const found = await ask('GET', `/orders/${encodeURIComponent(orderId)}`, { signal });
        return found.ok ? (found.body as never) : fail({ code: 'unknown_order', orderId });
      },
    }),
  ];
}
