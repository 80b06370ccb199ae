export interface Order {
  readonly orderId: string;
  readonly customerId: string;
  readonly email: string;
  readonly item: string;
  readonly amountCents: number;
  readonly currency: 'EUR';
  /** ISO date */
  readonly orderedOn: string;
  /** ISO date; null: on its way. */
  readonly deliveredOn: string | null;
  /** Paid back before this system starts. */
  readonly refundedCents: number;
}

/** The day on which every request of the example is made, so that "30 days" means the same for ever. */
export const today = '2026-11-20';
export const ordersMax = 200;
export const defaultSeed = 7;

/** Nobody reads mail there any more: the order system cannot deliver it. */
const closed = 'closed.example';
export const isMailboxOpen = (email: string): boolean => !email.endsWith(`@${closed}`);

const DAY_MS = 86_400_000;
const items = [
  'lamp',
  'kettle',
  'desk',
  'chair',
  'backpack',
  'headphones',
  'rug',
  'mirror',
  'bicycle',
  'tent',
];
const people = ['ada', 'bela', 'chidi', 'dana', 'emre', 'fatima', 'goran', 'hana', 'ines', 'jonas'];

/** The same orders for the same seed, on every machine. */
export function generateOrders(seed: number): Order[] {
  const random = randomOf(seed);
  return Array.from({ length: ordersMax }, (_, index) => orderOf(index + 1, random));
}

function orderOf(number: number, random: () => number): Order {
  const customer = 1 + Math.floor(random() * 60);
  const name = people[customer % people.length];
  const size = random();
  const amountCents = amountOf(size, random());
  const isDelivered = random() < 0.85;
  const daysAgo = 1 + Math.floor(random() * 75);
  const isRefunded = isDelivered && random() < 0.12;
  return {
    orderId: `ord-${String(number).padStart(4, '0')}`,
    customerId: `cus-${String(customer).padStart(3, '0')}`,
    email: `${name}${customer}@${customer % 8 === 0 ? closed : 'customers.example'}`,
    item: items[Math.floor(random() * items.length)] ?? 'lamp',
    amountCents,
    currency: 'EUR',
    orderedOn: daysBefore(daysAgo + 3),
    deliveredOn: isDelivered ? daysBefore(daysAgo) : null,
    refundedCents: isRefunded ? amountCents : 0,
  };
}

/** Half of them small (at most 50.00), a third medium (at most 200.00), the rest large. */
function amountOf(size: number, place: number): number {
  if (size < 0.5) return 1_000 + Math.floor(place * 4_001);
  if (size < 0.83) return 6_000 + Math.floor(place * 14_001);
  return 21_000 + Math.floor(place * 70_000);
}

const daysBefore = (days: number): string =>
  new Date(Date.parse(today) - days * DAY_MS).toISOString().slice(0, 10);

export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);

/** A linear congruential generator of 48 bits (the constants of POSIX drand48): enough for a shop, and the same everywhere. */
function randomOf(seed: number): () => number {
  const mask = (1n << 48n) - 1n;
  let state = ((BigInt(seed) << 16n) + 0x330en) & mask;
  return () => {
    state = (state * 0x5deece66dn + 0xbn) & mask;
    return Number(state) / 2 ** 48;
  };
}
