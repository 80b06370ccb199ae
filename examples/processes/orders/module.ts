import type { Module } from '@interlock/module';
import { partsIn } from '../module.parts.ts';
import { systems, whenIts } from '../systems.ts';

export { env } from '../systems.ts';

/** How long a parcel is under way, ms. */
const UNDER_WAY_MS = 500;

/** What happens to orders: they are taken, sent, returned, renewed, and what runs out is ordered of suppliers. */
const orders: Module = (kit) => {
  const { write, undoable, read, check, z } = systems(kit);
  const text = z.string().min(1).max(200);
  const cents = z.int().min(0).max(100_000_000);
  const quantity = z.int().min(1).max(10_000);
  const tools = [
    read({
      name: 'prices.get',
      description: 'The price of a thing.',
      input: { sku: text },
      output: z.object({ cents: z.int() }),
      answer: ({ sku }) => ({ cents: String(sku).length * 1_000 }),
    }),
    ...undoable({
      name: 'stock.reserve',
      undo: 'stock.release',
      description: 'Sets goods aside.',
      input: { order: text, sku: text, quantity },
    }),
    ...undoable({
      name: 'stock.put-back',
      undo: 'stock.take-out',
      description: 'Puts returned goods back on the shelf.',
      input: { order: text, sku: text },
    }),
    read({
      name: 'stock.inspect',
      description: 'Says in which state a returned thing is.',
      input: { sku: text },
      output: z.object({ state: z.enum(['good', 'damaged']) }),
      answer: ({ sku }) => ({
        state: String(sku).startsWith('broken') ? ('damaged' as const) : ('good' as const),
      }),
    }),
    ...undoable({
      name: 'cards.charge',
      undo: 'cards.refund',
      description: 'Charges a card. The bank of some is away at first.',
      input: { customer: text, cents },
      risk: 'high',
      refuses: whenIts('customer', 'expired'),
      awayFor: ({ customer }) => (String(customer).includes('patient') ? 2 : 0),
    }),
    ...undoable({
      name: 'cards.pay-back',
      undo: 'cards.charge-again',
      description: 'Pays back what was paid.',
      input: { customer: text, cents },
      risk: 'high',
    }),
    check({
      name: 'customers.check',
      description: 'Says whether anything speaks against a customer.',
      input: { customer: text },
      says: 'fine',
      refuses: whenIts('customer', 'barred'),
    }),
    ...undoable({
      name: 'labels.print',
      undo: 'labels.void',
      description: 'Prints a label.',
      input: { order: text },
    }),
    ...undoable({
      name: 'carrier.book',
      undo: 'carrier.cancel',
      description: 'Has a parcel collected.',
      input: { order: text },
    }),
    read({
      name: 'carrier.status',
      description: 'Says where a parcel is.',
      input: { booking: text },
      output: z.object({ status: z.enum(['under way', 'delivered']) }),
      answer({ booking }, lines) {
        const booked = lines().find(
          ({ tool, reference }) => tool === 'carrier.book' && reference === booking,
        );
        const isThere = booked !== undefined && Date.now() - booked.at >= UNDER_WAY_MS;
        return { status: isThere ? ('delivered' as const) : ('under way' as const) };
      },
    }),
    ...undoable({
      name: 'supplier.order',
      undo: 'supplier.cancel',
      description: 'Orders of a supplier. Of what is scarce there is something when it is asked for again.',
      input: { case: text, sku: text, quantity },
      refuses: ({ sku, case: of }, lines) => {
        const wasRefused = lines().some(({ input, isRefused }) => isRefused && input.case === of);
        return String(sku).startsWith('scarce') && !wasRefused ? 'sold_out' : undefined;
      },
    }),
    check({
      name: 'supplier.check',
      description: 'Says whether a delivery is as it was ordered.',
      input: { sku: text },
      says: 'fine',
      refuses: whenIts('sku', 'rotten'),
    }),
    ...undoable({
      name: 'subscriptions.extend',
      undo: 'subscriptions.shorten',
      description: 'Extends a part of a subscription.',
      input: { customer: text, part: text },
    }),
    ...undoable({
      name: 'subscriptions.suspend',
      undo: 'subscriptions.resume',
      description: 'Suspends a subscription.',
      input: { customer: text },
    }),
    ...undoable({
      name: 'vendors.create',
      undo: 'vendors.remove',
      description: 'Creates a vendor.',
      input: { vendor: text },
    }),
    check({
      name: 'vendors.check',
      description: 'Looks a vendor up in a list.',
      input: { vendor: text, list: text },
      says: 'clean',
    }),
    check({
      name: 'vendors.sign',
      description: 'Says whether a vendor has signed.',
      input: { vendor: text },
      says: 'signed',
      refuses: whenIts('vendor', 'sanctioned'),
    }),
    ...undoable({
      name: 'catalogue.add',
      undo: 'catalogue.remove',
      description: 'Offers a thing of a vendor.',
      input: { vendor: text, sku: text },
      refuses: whenIts('sku', 'broken'),
    }),
    write({
      name: 'shop.mail',
      description: 'Writes to a customer; a mail cannot be called back.',
      input: { customer: text, about: text },
    }),
  ];
  return {
    ...partsIn(import.meta.url, tools),
    schedules: [
      {
        name: 'standing-orders',
        workflow: 'order-to-cash',
        input: { order: 'standing', customer: 'canteen', lines: [{ sku: 'milk', quantity: 20 }] },
        cron: '0 5 * * MON-FRI',
        timezone: 'Europe/Berlin',
      },
      {
        name: 'returns-of-the-canteen',
        workflow: 'return',
        input: { order: 'standing', customer: 'canteen', skus: ['crate'], cents: 300 },
        cron: '0 15 * * FRI',
      },
      {
        name: 'restock-milk',
        workflow: 'restock',
        input: { sku: 'milk', left: 5 },
        every: '1h',
        hours: { days: ['MON', 'TUE', 'WED', 'THU', 'FRI'], from: '06:00', to: '20:00' },
      },
      {
        name: 'renewals',
        workflow: 'subscription-renewal',
        input: { customer: 'patient-reader', cents: 900 },
        cron: '0 4 1 * *',
        overlap: 'queue',
        jitter: '1h',
      },
      {
        name: 'catalogue-of-the-dairy',
        workflow: 'supplier-onboarding',
        input: { vendor: 'dairy', skus: ['milk', 'cream'] },
        cron: '0 2 * * SUN',
      },
    ],
  };
};

export default orders;
