import {
  daysBetween,
  defaultSeed,
  generateOrders,
  isMailboxOpen,
  type Order,
  today,
} from './order-system/orders.ts';

export const workflow = 'refund-request';

export interface RefundRequest {
  readonly scenario: string;
  readonly input: {
    readonly requestId: string;
    readonly orderId: string;
    readonly customerId: string;
    readonly reason: Reason;
    readonly requestedOn: string;
  };
  readonly expected: Expected;
}

/** Where a run settles, and what its output then says. */
export interface Expected {
  readonly status: 'completed' | 'waiting' | 'failed' | 'rolled_back';
  readonly outcome?: 'refunded' | 'declined';
  /** Class of the failure. */
  readonly failure?: 'domain' | 'denied';
}

type Reason = 'damaged' | 'wrong_item' | 'not_received' | 'changed_mind';

interface Scenario {
  readonly name: string;
  readonly count: number;
  readonly reason: Reason;
  /** Which orders it takes, the next ones that no earlier scenario has taken. */
  readonly order: (order: Order) => boolean;
  /** Somebody asks for the order of somebody else. */
  readonly byStranger?: boolean;
  /** The customer's mailbox is closed: the last step fails after the money was paid. */
  readonly isUnreachable?: boolean;
  /** The order's number does not exist. */
  readonly misspelt?: boolean;
  readonly expected: Expected;
}

const days = ({ deliveredOn }: Order): number =>
  deliveredOn === null ? -1 : daysBetween(deliveredOn, today);
const isFresh = (order: Order): boolean => order.refundedCents === 0 && days(order) >= 0 && days(order) <= 30;
const upTo = (cents: number) => (order: Order) => isFresh(order) && order.amountCents <= cents;
const isMedium = (order: Order): boolean =>
  isFresh(order) && order.amountCents > 6_000 && order.amountCents <= 20_000;
const isLarge = (order: Order): boolean => isFresh(order) && order.amountCents > 20_000;
const isOnItsWay = (order: Order): boolean => order.deliveredOn === null;

const refunded: Expected = { status: 'completed', outcome: 'refunded' };
const declined: Expected = { status: 'completed', outcome: 'declined' };
const waiting: Expected = { status: 'waiting' };

/** The table: sixty requests and where each must end. */
const scenarios: readonly Scenario[] = [
  { name: 'small, arrived broken', count: 9, reason: 'damaged', order: upTo(5_000), expected: refunded },
  { name: 'small, not wanted', count: 6, reason: 'changed_mind', order: upTo(5_000), expected: refunded },
  {
    name: 'small, never came',
    count: 4,
    reason: 'not_received',
    order: (order) => isOnItsWay(order) && order.amountCents <= 5_000,
    expected: refunded,
  },
  {
    name: 'small, mail cannot be delivered',
    count: 3,
    reason: 'damaged',
    order: upTo(5_000),
    isUnreachable: true,
    expected: { status: 'rolled_back', failure: 'domain' },
  },
  { name: 'medium, wrong item', count: 8, reason: 'wrong_item', order: isMedium, expected: waiting },
  { name: 'large, arrived broken', count: 4, reason: 'damaged', order: isLarge, expected: waiting },
  {
    name: 'paid back before',
    count: 6,
    reason: 'damaged',
    order: ({ refundedCents }) => refundedCents > 0,
    expected: declined,
  },
  {
    name: 'not wanted, too late',
    count: 5,
    reason: 'changed_mind',
    order: (order) => order.refundedCents === 0 && days(order) > 30,
    expected: declined,
  },
  { name: 'not delivered yet', count: 3, reason: 'changed_mind', order: isOnItsWay, expected: declined },
  { name: 'delivered after all', count: 2, reason: 'not_received', order: isFresh, expected: declined },
  {
    name: 'somebody else’s order',
    count: 6,
    reason: 'damaged',
    order: isFresh,
    byStranger: true,
    expected: { status: 'failed', failure: 'denied' },
  },
  {
    name: 'no such order',
    count: 4,
    reason: 'damaged',
    order: isFresh,
    misspelt: true,
    expected: { status: 'failed', failure: 'domain' },
  },
];

/** The same sixty requests for the same seed. No two ask for the same order. */
export function refundRequests(seed: number = defaultSeed): RefundRequest[] {
  const left = new Set(generateOrders(seed));
  return scenarios
    .flatMap((scenario) => take(left, scenario).map((order) => ({ scenario, order })))
    .map(({ scenario, order }, index) => requestOf(scenario, order, index + 1));
}

function take(left: Set<Order>, { name, count, order: fits, isUnreachable = false }: Scenario): Order[] {
  const taken = [...left]
    .filter((order) => fits(order) && isMailboxOpen(order.email) !== isUnreachable)
    .slice(0, count);
  if (taken.length < count) throw new Error(`only ${taken.length} of ${count} orders for '${name}'`);
  for (const order of taken) left.delete(order);
  return taken;
}

function requestOf(scenario: Scenario, order: Order, number: number): RefundRequest {
  const { name, reason, byStranger, misspelt, expected } = scenario;
  return {
    scenario: name,
    input: {
      requestId: `req-${String(number).padStart(3, '0')}`,
      orderId: misspelt ? order.orderId.replace('ord-', 'odr-') : order.orderId,
      customerId: byStranger ? 'cus-999' : order.customerId,
      reason,
      requestedOn: today,
    },
    expected,
  };
}
