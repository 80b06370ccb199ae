import { describe, expect, test } from 'vitest';
import { type ActionName, actions } from './desk/actions.ts';
import { calculate } from './desk/calculate.ts';
import { lookUps } from './desk/look-ups.ts';
import { MemoryRecords } from './desk/memory.records.ts';
import { type Change, isRefusal } from './desk/records.ts';
import { smallShop } from './shop.fixture.ts';

const ask = (name: ActionName, stated: object) =>
  actions[name](new MemoryRecords(smallShop()), stated as never);
const done = (name: ActionName, stated: object): Change => {
  const answer = ask(name, stated);
  if (isRefusal(answer)) throw new Error(answer.because);
  return answer;
};
const order = { customer: 'ada', order_id: '#W1' };
const delivered = { customer: 'ada', order_id: '#W2' };
const address = { address1: '2 Oak', address2: 'B', city: 'Y', state: 'NY', country: 'USA', zip: '2' };

describe('what the desk does', () => {
  test('a cancelled order is refunded, to a gift card at once', () => {
    const cancel = { ...order, reason: 'no longer needed', amount_cents: 5050 };
    const { order: changed, user } = done('cancel_pending_order', cancel);
    expect(changed).toMatchObject({ status: 'cancelled', cancel_reason: 'no longer needed' });
    expect(changed?.payment_history[1]).toEqual({
      transaction_type: 'refund',
      amount: 50.5,
      payment_method_id: 'gift',
    });
    expect(user?.payment_methods.gift?.balance).toBe(70.5);
  });

  test('items of a pending order become other variants, and the difference is paid', () => {
    const { order: changed, user } = done('modify_pending_order_items', {
      ...order,
      item_ids: ['small'],
      new_item_ids: ['large'],
      payment_method_id: 'card',
      amount_cents: 1010,
    });
    expect(changed?.status).toBe('pending (item modified)');
    expect(changed?.items.map(({ item_id }) => item_id)).toEqual(['large', 'small', 'large']);
    expect(changed?.payment_history[1]).toEqual({
      transaction_type: 'payment',
      amount: 20.2,
      payment_method_id: 'card',
    });
    expect(user?.payment_methods.gift?.balance).toBe(20);
  });

  test('an order is paid in another way, and a new address is only an address', () => {
    const paid = done('modify_pending_order_payment', {
      ...order,
      payment_method_id: 'card',
      amount_cents: 5050,
    });
    expect(paid.order?.payment_history.map((one) => one.payment_method_id)).toEqual(['gift', 'card', 'gift']);
    expect(paid.user?.payment_methods.gift?.balance).toBe(70.5);
    expect(done('modify_user_address', { user_id: 'ada', ...address }).user?.address).toEqual(address);
    expect(done('modify_pending_order_address', { ...order, ...address }).order?.address).toEqual(address);
  });

  test('a return and an exchange are written into the order, sorted', () => {
    const back = { item_ids: ['small', 'large'], payment_method_id: 'card', amount_cents: 4040 };
    expect(done('return_delivered_order_items', { ...delivered, ...back }).order).toMatchObject({
      status: 'return requested',
      return_items: ['large', 'small'],
    });
    const swap = { ...back, new_item_ids: ['huge', 'small'] };
    expect(done('exchange_delivered_order_items', { ...delivered, ...swap }).order).toMatchObject({
      status: 'exchange requested',
      exchange_new_items: ['huge', 'small'],
      exchange_price_difference: 69.69,
    });
  });
});

describe('what the desk refuses', () => {
  const swap = {
    item_ids: ['small'],
    new_item_ids: ['large'],
    payment_method_id: 'card',
    amount_cents: 1010,
  };
  const back = { item_ids: ['small'], payment_method_id: 'card', amount_cents: 1010 };
  const refused: readonly [string, ActionName, object, string][] = [
    [
      'an order of somebody else',
      'modify_pending_order_items',
      { ...order, ...swap, order_id: '#W3' },
      'unknown_order',
    ],
    [
      'an amount that is not the true one',
      'modify_pending_order_items',
      { ...order, ...swap, amount_cents: 1 },
      'wrong_amount',
    ],
    [
      'items that are not there as often',
      'modify_pending_order_items',
      { ...order, ...swap, item_ids: ['large', 'large'] },
      'wrong_items',
    ],
    [
      'as many items as did not come',
      'modify_pending_order_items',
      { ...order, ...swap, new_item_ids: [] },
      'wrong_items',
    ],
    [
      'what cannot be had',
      'modify_pending_order_items',
      { ...order, ...swap, new_item_ids: ['gone'] },
      'unavailable',
    ],
    [
      'a variant of no such name',
      'modify_pending_order_items',
      { ...order, ...swap, new_item_ids: ['__proto__'] },
      'wrong_items',
    ],
    [
      'a gift card with too little on it',
      'modify_pending_order_items',
      { ...order, ...swap, payment_method_id: 'gift' },
      'balance_too_low',
    ],
    [
      'a payment method of somebody else',
      'modify_pending_order_items',
      { ...order, ...swap, payment_method_id: 'toString' },
      'unknown_payment_method',
    ],
    ['a return of what has not come', 'return_delivered_order_items', { ...order, ...back }, 'wrong_status'],
    [
      'a cancellation of what has come',
      'cancel_pending_order',
      { ...delivered, reason: 'x', amount_cents: 5050 },
      'wrong_status',
    ],
    [
      'the same payment method again',
      'modify_pending_order_payment',
      { ...order, payment_method_id: 'gift', amount_cents: 5050 },
      'wrong_payment_method',
    ],
    ['the address of nobody', 'modify_user_address', { user_id: 'eve', ...address }, 'unknown_user'],
  ];
  test.each(refused)('%s', (_what, name, stated, code) => {
    expect(ask(name, stated)).toMatchObject({ refused: code });
  });

  test('a refund onto a card the order was not paid with', () => {
    const shop = smallShop();
    const other = { id: 'other', source: 'paypal' as const };
    const ada = { ...shop.users.ada!, payment_methods: { ...shop.users.ada!.payment_methods, other } };
    const records = new MemoryRecords({ ...shop, users: { ada } });
    const stated = { ...delivered, ...back, payment_method_id: 'other' };
    expect(actions.return_delivered_order_items(records, stated)).toMatchObject({
      refused: 'wrong_payment_method',
    });
    const toGift = { ...stated, payment_method_id: 'gift' };
    expect(isRefusal(actions.return_delivered_order_items(records, toGift))).toBe(false);
  });
});

test('customers are found by name, zip or e-mail whatever the case, and orders only by whose they are', () => {
  const records = new MemoryRecords(smallShop());
  expect(lookUps.userByEmail(records, { email: 'ADA@example.com' })).toEqual({ user_id: 'ada' });
  const ada = { first_name: 'Ada', last_name: 'doe', zip: '10001' };
  expect(lookUps.userByNameAndZip(records, ada)).toEqual({ user_id: 'ada' });
  expect(lookUps.userByNameAndZip(records, { ...ada, zip: '1' })).toMatchObject({ refused: 'unknown_user' });
  expect(lookUps.order(records, order)).toMatchObject({ order_id: '#W1' });
  expect(lookUps.order(records, { ...order, customer: 'bob' })).toMatchObject({ refused: 'unknown_order' });
  expect(lookUps.item(records, { item_id: 'huge' })).toMatchObject({ price: 99.99 });
  expect(lookUps.item(records, { item_id: 'constructor' })).toMatchObject({ refused: 'unknown_item' });
});

test.each([
  ['466.75 + 288.82 + 135.24', 890.81],
  ['2 * (3.5 - -1) / 3', 3],
  ['8 - 2 - 1', 5],
])('%s is worked out', (expression, result) => {
  expect(calculate(expression)).toBe(result);
});

test.each(['', '1 +', '(1', '1)', '2 3', 'process.exit()', '1/0', '1e9'])('%j is no sum', (expression) => {
  expect(calculate(expression)).toMatchObject({ refused: 'bad_expression' });
});
