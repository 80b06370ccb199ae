import type { RetailData } from './desk/records.ts';

const address = { address1: '1 Elm', address2: '', city: 'X', state: 'TX', country: 'USA', zip: '10001' };
const variant = (item_id: string, price: number, available = true) => ({
  item_id,
  options: { size: item_id },
  available,
  price,
});
const item = (item_id: string, price: number) => ({
  name: 'Lamp',
  product_id: 'lamp',
  item_id,
  price,
  options: { size: item_id },
});
const order = (order_id: string, user_id: string, status: string, paidWith: string) => ({
  order_id,
  user_id,
  address,
  items: [item('small', 10.1), item('small', 10.1), item('large', 30.3)],
  status,
  payment_history: [{ transaction_type: 'payment' as const, amount: 50.5, payment_method_id: paidWith }],
});

/** A shop with two customers, small enough to be looked at. */
export function smallShop(): RetailData {
  const user = (user_id: string, balance: number) => ({
    user_id,
    name: { first_name: user_id, last_name: 'Doe' },
    address,
    email: `${user_id}@example.com`,
    payment_methods: {
      card: { id: 'card', source: 'credit_card' as const },
      gift: { id: 'gift', source: 'gift_card' as const, balance },
    },
    orders: [],
  });
  return {
    products: {
      lamp: {
        product_id: 'lamp',
        name: 'Lamp',
        variants: {
          small: variant('small', 10.1),
          large: variant('large', 30.3),
          huge: variant('huge', 99.99),
          gone: variant('gone', 10, false),
        },
      },
    },
    users: { ada: user('ada', 20), bob: user('bob', 0) },
    orders: {
      '#W1': order('#W1', 'ada', 'pending', 'gift'),
      '#W2': order('#W2', 'ada', 'delivered', 'card'),
      '#W3': order('#W3', 'bob', 'pending', 'card'),
    },
  };
}
