import {
  canPay,
  hasStatus,
  ownOrder,
  paymentMethodOf,
  type Stated,
  withBalance,
  wrongAmount,
} from './own.order.ts';
import {
  type Address,
  type Change,
  isRefusal,
  type Order,
  type Records,
  type Refusal,
  refuse,
} from './records.ts';

/*
 * What the desk does with a whole order. An action answers with all that changes, or refuses and changes nothing; it is decided
 * and stored in one transaction, so nothing comes between the look and the change.
 */

export function cancelPendingOrder(
  records: Records,
  stated: Stated & { readonly reason: string },
): Change | Refusal {
  const order = ownOrder(records, stated);
  if (isRefusal(order)) return order;
  const refusal = hasStatus(order, 'pending') ?? wrongAmount(stated, order.items);
  if (refusal !== undefined) return refusal;
  const refunds = order.payment_history.map((payment) => ({
    ...payment,
    transaction_type: 'refund' as const,
  }));
  let user = records.user(order.user_id)!;
  for (const { payment_method_id, amount } of refunds) {
    user = withBalance(user, user.payment_methods[payment_method_id], amount);
  }
  const payment_history = [...order.payment_history, ...refunds];
  return { order: { ...order, status: 'cancelled', cancel_reason: stated.reason, payment_history }, user };
}

export function modifyPendingOrderAddress(
  records: Records,
  { customer, order_id, ...address }: Stated & Address,
): Change | Refusal {
  const order = ownOrder(records, { customer, order_id });
  if (isRefusal(order)) return order;
  return isPending(order) ?? { order: { ...order, address: addressOf(address) } };
}

export function modifyPendingOrderPayment(
  records: Records,
  stated: Stated & { readonly payment_method_id: string },
): Change | Refusal {
  const order = ownOrder(records, stated);
  if (isRefusal(order)) return order;
  const refusal = isPending(order) ?? wrongAmount(stated, order.items);
  if (refusal !== undefined) return refusal;
  const user = records.user(order.user_id)!;
  const method = paymentMethodOf(user, stated.payment_method_id);
  if (isRefusal(method)) return method;
  const [paid, ...more] = order.payment_history;
  if (paid === undefined || more.length > 0 || paid.transaction_type !== 'payment') {
    return refuse('wrong_payment_method', `order ${order.order_id} was not paid in one payment`);
  }
  if (paid.payment_method_id === method.id) {
    return refuse('wrong_payment_method', `order ${order.order_id} is paid with ${method.id} already`);
  }
  const unable = canPay(method, paid.amount);
  if (unable !== undefined) return unable;
  const refund = { ...paid, transaction_type: 'refund' as const };
  const payment_history = [paid, { ...paid, payment_method_id: method.id }, refund];
  const refunded = withBalance(user, user.payment_methods[paid.payment_method_id], paid.amount);
  return { order: { ...order, payment_history }, user: withBalance(refunded, method, -paid.amount) };
}

/** Whose address it is was judged by policy: the customer's own. */
export function modifyUserAddress(
  records: Records,
  { user_id, ...address }: { readonly user_id: string } & Address,
): Change | Refusal {
  const user = records.user(user_id);
  return user === undefined
    ? refuse('unknown_user', `there is no user ${user_id}`)
    : { user: { ...user, address: addressOf(address) } };
}

/** Also once its items have been modified. */
const isPending = ({ order_id, status }: Order): Refusal | undefined =>
  status.startsWith('pending')
    ? undefined
    : refuse('wrong_status', `order ${order_id} is ${status}, not pending`);

const addressOf = ({ address1, address2, city, state, country, zip }: Address): Address => ({
  address1,
  address2,
  city,
  state,
  country,
  zip,
});
