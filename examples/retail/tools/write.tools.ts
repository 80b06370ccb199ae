import type { ModuleKit } from '@interlock/tools';
import { type Action, type ActionName, actions } from '../desk/actions.ts';
import { type Change, isRefusal, type RefusalCode } from '../desk/records.ts';
import type { RetailStore } from '../retail.store.ts';
import { argumentForms } from './arguments.ts';

const refusals = [
  'unknown_user',
  'unknown_order',
  'unknown_payment_method',
  'wrong_status',
  'wrong_items',
  'wrong_payment_method',
  'wrong_amount',
  'unavailable',
  'balance_too_low',
] as const satisfies readonly RefusalCode[];

/** What changes something, once a key. Each says what to do, for whom, and what the goods are worth: policy sees arguments only. */
export function writeTools(kit: ModuleKit, store: () => RetailStore) {
  const { defineTool, z } = kit;
  const { customer, orderId, amountCents, itemIds, paymentMethodId, address } = argumentForms(kit);
  const order = { customer, order_id: orderId };
  const goods = { ...order, amount_cents: amountCents };
  const swap = { item_ids: itemIds, new_item_ids: itemIds, payment_method_id: paymentMethodId };

  const write = (name: ActionName, description: string, input: Parameters<typeof z.object>[0]) =>
    defineTool({
      name,
      version: 1,
      description,
      input: z.object(input),
      output: z.object({
        order_id: z.string().optional(),
        user_id: z.string().optional(),
        status: z.string().optional().describe('Of the order, from now on'),
      }),
      failure: z.object({ code: z.enum(refusals), because: z.string() }),
      effect: 'write',
      risk: 'high',
      audience: 'customer',
      recovery: { by: 'idempotency-key' },
      timeout: '10s',
      cost: 0.01,
      run(given, { idempotencyKey: key, fail }) {
        const action: Action = actions[name];
        const answer = store().write({ key, tool: name, arguments: given }, (records) =>
          action(records, given as never),
        );
        if (!isRefusal(answer)) return outputOf(answer);
        return fail({ code: answer.refused as (typeof refusals)[number], because: answer.because });
      },
    });

  return [
    write('cancel_pending_order', 'Cancels a pending order and refunds its payments.', {
      ...goods,
      reason: z.enum(['no longer needed', 'ordered by mistake']).meta({ classification: 'public' }),
    }),
    write('modify_pending_order_address', 'Changes where a pending order goes.', { ...order, ...address }),
    write('modify_pending_order_payment', 'Changes how a pending order is paid.', {
      ...goods,
      payment_method_id: paymentMethodId,
    }),
    write(
      'modify_pending_order_items',
      'Changes items of a pending order to other variants of the same products. Only once an order.',
      { ...goods, ...swap },
    ),
    write('modify_user_address', 'Changes the default address of the customer.', {
      user_id: customer,
      ...address,
    }),
    write('return_delivered_order_items', 'Takes items of a delivered order back. Only once an order.', {
      ...goods,
      item_ids: itemIds,
      payment_method_id: paymentMethodId,
    }),
    write(
      'exchange_delivered_order_items',
      'Exchanges items of a delivered order for other variants of the same products. Only once an order.',
      { ...goods, ...swap },
    ),
  ];
}

const outputOf = ({ order, user }: Change) =>
  order === undefined ? { user_id: user?.user_id } : { order_id: order.order_id, status: order.status };
