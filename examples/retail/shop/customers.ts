import { cents, type Order, type OrderItem, type RetailData, type User } from '../desk/records.ts';
import { catalogue, LAPTOP, ordered } from './catalogue.ts';

/** One who asks the desk for something, with an order that is on its way to them and one that has come. */
export interface Customer {
  readonly user: User;
  readonly pending: Order;
  readonly delivered: Order;
}

const firstNames = [
  ['Ada', 'Bela', 'Chidi', 'Dora', 'Emil', 'Fatima', 'Goran', 'Hana'],
  ['Ivo', 'Jin', 'Kaya', 'Lars', 'Mina', 'Nils', 'Olga', 'Pavel'],
  ['Quinn', 'Rosa', 'Sami', 'Tara', 'Umar', 'Vera', 'Wim', 'Yuki'],
].flat();
const lastNames = ['Abel', 'Brandt', 'Costa', 'Duval', 'Evans'];
const streets = ['Elm Street', 'Harbor Road', 'Mill Lane'];
const cities = [
  ['Austin', 'TX'],
  ['Denver', 'CO'],
  ['Seattle', 'WA'],
] as const;

export const CUSTOMERS = firstNames.length;

/** Dollars on gift cards, in turn: of most customers less than any exchange costs. */
const balances = [900, 5, 5];
/** Every fourth customer has ordered a laptop, which two people have to agree to. */
const LAPTOP_EVERY = 4;

function userOf(number: number): User {
  const [first_name, last_name] = [firstNames[number]!, lastNames[number % lastNames.length]!];
  const [city, state] = cities[number % cities.length]!;
  const card = `credit_card_${1_001 + number}`;
  const gift = `gift_card_${2_001 + number}`;
  const name = `${first_name}.${last_name}`.toLowerCase();
  return {
    user_id: `${name.replace('.', '_')}_${4_001 + number}`,
    name: { first_name, last_name },
    address: {
      address1: `${10 + number} ${streets[number % streets.length]}`,
      address2: `Suite ${100 + number}`,
      city,
      state,
      country: 'USA',
      zip: `${10_001 + 37 * number}`,
    },
    email: `${name}@example.com`,
    payment_methods: {
      [card]: { id: card, source: 'credit_card' },
      [gift]: { id: gift, source: 'gift_card', balance: balances[number % balances.length]! },
    },
    orders: [orderId(number, 'pending'), orderId(number, 'delivered')],
  };
}

const orderId = (number: number, status: 'pending' | 'delivered'): string =>
  `#W${7_000_001 + 10 * number + (status === 'pending' ? 0 : 1)}`;

/** An order that was paid in one payment by card. */
function orderOf(user: User, order_id: string, status: string, items: readonly OrderItem[]): Order {
  const amount = items.reduce((sum, { price }) => sum + cents(price), 0) / 100;
  const payment_method_id = Object.keys(user.payment_methods)[0]!;
  const payment_history = [{ transaction_type: 'payment' as const, amount, payment_method_id }];
  return { order_id, user_id: user.user_id, address: user.address, items, status, payment_history };
}

/** The customer of a number below `CUSTOMERS`: always the same one. */
export function customerOf(number: number): Customer {
  const user = userOf(number);
  const goods = [0, 1, 2].map((place) => ordered((number + 2 * place) % LAPTOP, (number + place) % 3));
  const costly = number % LAPTOP_EVERY === 1 ? [ordered(LAPTOP, number % 3)] : [];
  return {
    user,
    pending: orderOf(user, orderId(number, 'pending'), 'pending', [...goods.slice(0, 2), ...costly]),
    delivered: orderOf(user, orderId(number, 'delivered'), 'delivered', goods.slice(1)),
  };
}

/** The shop before anybody asks for anything. */
export function wholeShop(): RetailData {
  const customers = firstNames.map((_, number) => customerOf(number));
  const orders = customers.flatMap(({ pending, delivered }) => [pending, delivered]);
  return {
    products: catalogue(),
    users: Object.fromEntries(customers.map(({ user }) => [user.user_id, user])),
    orders: Object.fromEntries(orders.map((order) => [order.order_id, order])),
  };
}
