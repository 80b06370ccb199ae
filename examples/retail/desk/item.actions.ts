import {
  canPay,
  hasStatus,
  itemsOf,
  ownOrder,
  paymentMethodOf,
  type Stated,
  withBalance,
  wrongAmount,
} from './own.order.ts';
import {
  type Change,
  heldIn,
  isRefusal,
  type Order,
  type OrderItem,
  type PaymentMethod,
  type Records,
  type Refusal,
  refuse,
  rounded,
  type User,
  type Variant,
} from './records.ts';

/** What the desk does with items of an order. */

interface Items extends Stated {
  readonly item_ids: readonly string[];
  readonly payment_method_id: string;
}
interface Swap extends Items {
  readonly new_item_ids: readonly string[];
}

export function returnDeliveredOrderItems(records: Records, stated: Items): Change | Refusal {
  const found = lookUp(records, stated, 'delivered');
  if (isRefusal(found)) return found;
  const { order, method } = found;
  const isOriginal = order.payment_history[0]?.payment_method_id === method.id;
  if (!isOriginal && method.source !== 'gift_card') {
    return refuse('wrong_payment_method', 'a refund goes to a gift card or back to where it came from');
  }
  return {
    order: {
      ...order,
      status: 'return requested',
      return_items: stated.item_ids.toSorted(),
      return_payment_method_id: method.id,
    },
  };
}

export function exchangeDeliveredOrderItems(records: Records, stated: Swap): Change | Refusal {
  const swap = lookUpSwap(records, stated, 'delivered');
  if (isRefusal(swap)) return swap;
  return {
    order: {
      ...swap.order,
      status: 'exchange requested',
      exchange_items: stated.item_ids.toSorted(),
      exchange_new_items: stated.new_item_ids.toSorted(),
      exchange_payment_method_id: swap.method.id,
      exchange_price_difference: swap.difference,
    },
  };
}

export function modifyPendingOrderItems(records: Records, stated: Swap): Change | Refusal {
  const swap = lookUpSwap(records, stated, 'pending');
  if (isRefusal(swap)) return swap;
  const { order, user, method, items, variants, difference } = swap;
  const payment = {
    transaction_type: difference > 0 ? ('payment' as const) : ('refund' as const),
    amount: Math.abs(difference),
    payment_method_id: method.id,
  };
  const replaced = new Map(items.map((item, place) => [item, variants[place]!]));
  return {
    order: {
      ...order,
      status: 'pending (item modified)',
      items: order.items.map((item) => withVariant(item, replaced.get(item))),
      payment_history: [...order.payment_history, payment],
    },
    user: withBalance(user, method, -difference),
  };
}

function withVariant(item: OrderItem, variant: Variant | undefined): OrderItem {
  if (variant === undefined) return item;
  const { item_id, price, options } = variant;
  return { ...item, item_id, price, options };
}

interface Found {
  readonly order: Order;
  readonly user: User;
  readonly method: PaymentMethod;
  readonly items: readonly OrderItem[];
}

function lookUp(records: Records, stated: Items, status: string): Found | Refusal {
  const order = ownOrder(records, stated);
  if (isRefusal(order)) return order;
  const wrongStatus = hasStatus(order, status);
  if (wrongStatus !== undefined) return wrongStatus;
  const items = itemsOf(order, stated.item_ids);
  if (isRefusal(items)) return items;
  const user = records.user(order.user_id)!;
  const method = paymentMethodOf(user, stated.payment_method_id);
  if (isRefusal(method)) return method;
  return wrongAmount(stated, items) ?? { order, user, method, items };
}

function lookUpSwap(
  records: Records,
  stated: Swap,
  status: string,
): (Found & { readonly variants: readonly Variant[]; readonly difference: number }) | Refusal {
  const found = lookUp(records, stated, status);
  if (isRefusal(found)) return found;
  const variants = variantsFor(records, found.items, stated.new_item_ids);
  if (isRefusal(variants)) return variants;
  const difference = rounded(
    variants.reduce((sum, { price }, place) => sum + price - found.items[place]!.price, 0),
  );
  return canPay(found.method, difference) ?? { ...found, variants, difference };
}

/** For each item another variant of the same product that can be had. */
function variantsFor(
  records: Records,
  items: readonly OrderItem[],
  ids: readonly string[],
): Variant[] | Refusal {
  if (ids.length !== items.length) {
    return refuse('wrong_items', `${items.length} items cannot become ${ids.length}`);
  }
  const variants: Variant[] = [];
  for (const [place, { product_id }] of items.entries()) {
    const variant = heldIn(records.product(product_id)?.variants, ids[place]!);
    if (variant === undefined) return refuse('wrong_items', `${ids[place]} is no variant of ${product_id}`);
    if (!variant.available) return refuse('unavailable', `${variant.item_id} cannot be had`);
    variants.push(variant);
  }
  return variants;
}
