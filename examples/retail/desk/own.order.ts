import {
  cents,
  heldIn,
  type Order,
  type OrderItem,
  type PaymentMethod,
  type Records,
  type Refusal,
  refuse,
  rounded,
  type User,
} from './records.ts';

/** For whom a call is made, and the value of the goods it is about, as the caller states it. */
export interface Stated {
  readonly customer: string;
  readonly order_id: string;
  readonly amount_cents?: number;
}

/**
 * An order of this customer. Somebody else's is as unknown as one that is not there: who asks learns nothing of it.
 */
export function ownOrder(records: Records, { customer, order_id }: Stated): Order | Refusal {
  const order = records.order(order_id);
  return order === undefined || order.user_id !== customer
    ? refuse('unknown_order', `${customer} has no order ${order_id}`)
    : order;
}

/** Policy has judged the amount that was stated, so it has to be the true one. */
export function wrongAmount({ amount_cents }: Stated, items: readonly OrderItem[]): Refusal | undefined {
  const value = worthCents(items);
  return amount_cents === value
    ? undefined
    : refuse('wrong_amount', `the goods are worth ${value} cents, not ${amount_cents}`);
}

export const worthCents = (items: readonly OrderItem[]): number =>
  items.reduce((sum, { price }) => sum + cents(price), 0);

/** The named items of an order, in the order they were named; one that stands twice has to be there twice. */
export function itemsOf(order: Order, ids: readonly string[]): OrderItem[] | Refusal {
  const left = [...order.items];
  const found: OrderItem[] = [];
  for (const id of ids) {
    const place = left.findIndex(({ item_id }) => item_id === id);
    if (place < 0) return refuse('wrong_items', `order ${order.order_id} has no item ${id} left to name`);
    found.push(...left.splice(place, 1));
  }
  return found;
}

export const hasStatus = (order: Order, status: string): Refusal | undefined =>
  order.status === status
    ? undefined
    : refuse('wrong_status', `order ${order.order_id} is ${order.status}, not ${status}`);

export function paymentMethodOf(user: User, id: string): PaymentMethod | Refusal {
  return (
    heldIn(user.payment_methods, id) ??
    refuse('unknown_payment_method', `${user.user_id} has no payment method ${id}`)
  );
}

/** The user once `dollars` went onto a gift card (or off it, below 0); other methods keep no balance. */
export function withBalance(user: User, method: PaymentMethod | undefined, dollars: number): User {
  if (method?.source !== 'gift_card') return user;
  const current = heldIn(user.payment_methods, method.id)?.balance ?? 0;
  const changed = { ...method, balance: rounded(current + dollars) };
  return { ...user, payment_methods: { ...user.payment_methods, [method.id]: changed } };
}

export const canPay = ({ source, balance = 0, id }: PaymentMethod, dollars: number): Refusal | undefined =>
  source === 'gift_card' && balance < dollars
    ? refuse('balance_too_low', `${id} holds ${balance}, and ${dollars} are needed`)
    : undefined;
