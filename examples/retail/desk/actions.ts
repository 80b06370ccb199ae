import {
  exchangeDeliveredOrderItems,
  modifyPendingOrderItems,
  returnDeliveredOrderItems,
} from './item.actions.ts';
import {
  cancelPendingOrder,
  modifyPendingOrderAddress,
  modifyPendingOrderPayment,
  modifyUserAddress,
} from './order.actions.ts';
import type { Change, Records, Refusal } from './records.ts';

/** Decides on arguments that have passed the schema of the tool of this name. */
export type Action = (records: Records, stated: never) => Change | Refusal;

/** Everything that changes what the shop keeps, by the name of its tool. */
export const actions = {
  cancel_pending_order: cancelPendingOrder,
  modify_pending_order_address: modifyPendingOrderAddress,
  modify_pending_order_payment: modifyPendingOrderPayment,
  modify_pending_order_items: modifyPendingOrderItems,
  modify_user_address: modifyUserAddress,
  return_delivered_order_items: returnDeliveredOrderItems,
  exchange_delivered_order_items: exchangeDeliveredOrderItems,
} as const satisfies Readonly<Record<string, Action>>;

export type ActionName = keyof typeof actions;

export const isAction = (name: string): name is ActionName => Object.hasOwn(actions, name);
