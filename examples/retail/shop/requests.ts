import type { RetailCall, RetailTask } from '../data.ts';
import type { OrderItem } from '../desk/records.ts';
import { otherVariant } from './catalogue.ts';
import { CUSTOMERS, type Customer, customerOf } from './customers.ts';

/** What a customer wants, and what a correct agent does once it knows who asks. */
interface Wish {
  readonly reason: string;
  readonly calls: readonly RetailCall[];
}
type Kind = (customer: Customer) => Wish;

const call = (name: string, given: RetailCall['arguments']): RetailCall => ({ name, arguments: given });
const ids = (items: readonly OrderItem[]): string[] => items.map(({ item_id }) => item_id);
const newAddress = {
  address1: '1 New Street',
  address2: '',
  city: 'Boston',
  state: 'MA',
  country: 'USA',
  zip: '02108',
};

const profile = ({ user: { user_id } }: Customer) => call('get_user_details', { user_id });
const lookAt = ({ order_id }: Customer['pending']) => call('get_order_details', { order_id });
const card = ({ user }: Customer): string => Object.keys(user.payment_methods)[0]!;
const giftCard = ({ user }: Customer): string => Object.keys(user.payment_methods)[1]!;
const transfer = (summary: string) => call('transfer_to_human_agents', { summary });

/** Another variant of each of these items, paid with `payment_method_id`. */
const swap = ({ order_id }: Customer['pending'], items: readonly OrderItem[], payment_method_id: string) => ({
  order_id,
  item_ids: ids(items),
  new_item_ids: items.map(otherVariant),
  payment_method_id,
});

const kinds: readonly Kind[] = [
  (customer) => {
    const { delivered } = customer;
    return {
      reason: `Exchange everything in order ${delivered.order_id} for the next variant.`,
      calls: [
        lookAt(delivered),
        ...delivered.items.map(({ product_id }) => call('get_product_details', { product_id })),
        call('exchange_delivered_order_items', swap(delivered, delivered.items, card(customer))),
        lookAt(delivered),
      ],
    };
  },
  (customer) => {
    const { order_id, items } = customer.delivered;
    return {
      reason: `Take back one item of order ${order_id} and refund my gift card.`,
      calls: [
        profile(customer),
        lookAt(customer.delivered),
        call('return_delivered_order_items', {
          order_id,
          item_ids: ids(items.slice(0, 1)),
          payment_method_id: giftCard(customer),
        }),
      ],
    };
  },
  ({ pending }) => ({
    reason: `Cancel order ${pending.order_id}: I no longer need it.`,
    calls: [
      lookAt(pending),
      call('cancel_pending_order', { order_id: pending.order_id, reason: 'no longer needed' }),
    ],
  }),
  (customer) => {
    const { pending } = customer;
    const [item] = pending.items;
    return {
      reason: `Change the first item of order ${pending.order_id}, and tell me what one of each costs.`,
      calls: [
        lookAt(pending),
        call('get_item_details', { item_id: otherVariant(item!) }),
        call('calculate', { expression: pending.items.map(({ price }) => price).join(' + ') }),
        call('modify_pending_order_items', swap(pending, [item!], card(customer))),
        lookAt(pending),
      ],
    };
  },
  ({ user: { user_id }, pending: { order_id } }) => ({
    reason: `I have moved to ${newAddress.address1}: send order ${order_id} there, and remember the address.`,
    calls: [
      call('modify_pending_order_address', { order_id, ...newAddress }),
      call('modify_user_address', { user_id, ...newAddress }),
    ],
  }),
  (customer) => ({
    reason: `Pay order ${customer.pending.order_id} from my gift card; if it holds too little, leave the order as it is.`,
    calls: [
      profile(customer),
      lookAt(customer.pending),
      call('modify_pending_order_payment', {
        order_id: customer.pending.order_id,
        payment_method_id: giftCard(customer),
      }),
    ],
  }),
  ({ delivered: { order_id } }) => ({
    reason: `Cancel order ${order_id}, which has come already; otherwise let me talk to a person.`,
    calls: [
      call('cancel_pending_order', { order_id, reason: 'ordered by mistake' }),
      transfer(`wants to cancel ${order_id}, which was delivered`),
    ],
  }),
  () => ({ reason: 'I want to talk to a person.', calls: [transfer('asks for a person')] }),
  (customer) => {
    const { user, pending, delivered } = customer;
    const [first] = pending.items;
    return {
      reason: `Change an item of ${pending.order_id}, send it to my new address, and take back all of ${delivered.order_id}.`,
      calls: [
        profile(customer),
        lookAt(pending),
        lookAt(delivered),
        call('get_product_details', { product_id: first!.product_id }),
        call('modify_pending_order_items', swap(pending, [first!], card(customer))),
        call('modify_pending_order_address', { order_id: pending.order_id, ...newAddress }),
        call('modify_user_address', { user_id: user.user_id, ...newAddress }),
        call('calculate', { expression: delivered.items.map(({ price }) => price).join(' + ') }),
        call('return_delivered_order_items', {
          order_id: delivered.order_id,
          item_ids: ids(delivered.items),
          payment_method_id: card(customer),
        }),
        lookAt(pending),
        lookAt(delivered),
      ],
    };
  },
  (customer) => ({
    reason: `What did order ${customer.delivered.order_id} cost me?`,
    calls: [profile(customer), lookAt(customer.delivered)],
  }),
  (customer) => ({
    reason: `Make order ${customer.pending.order_id} dearer and pay the rest from my gift card.`,
    calls: [
      lookAt(customer.pending),
      call(
        'modify_pending_order_items',
        swap(customer.pending, customer.pending.items.slice(0, 1), giftCard(customer)),
      ),
    ],
  }),
];

/** How the agent finds out who asks: by e-mail, or by name and zip code. */
function identify({ user: { email, name, address } }: Customer, number: number): RetailCall {
  return number % 3 === 0
    ? call('find_user_id_by_email', { email })
    : call('find_user_id_by_name_zip', { ...name, zip: address.zip });
}

/** The customers who ask once, twice and three times. Those with low numbers ask least. */
const askers = [0, CUSTOMERS / 3, (2 * CUSTOMERS) / 3];

/** Every request, those of one customer in the order they come. */
export function allRequests(): RetailTask[] {
  return askers.flatMap((from, round) =>
    Array.from({ length: CUSTOMERS - from }, (_, place) => requestOf(from + place, round)),
  );
}

function requestOf(number: number, round: number): RetailTask {
  const customer = customerOf(number);
  const { first_name, last_name } = customer.user.name;
  const { reason, calls } = kinds[(number + 4 * round) % kinds.length]!(customer);
  return {
    id: `${number}-${round}`,
    request: {
      reason_for_call: reason,
      known_info: `You are ${first_name} ${last_name} in zip code ${customer.user.address.zip}.`,
    },
    actions: [identify(customer, number), ...calls],
  };
}
