import type { RunStatus } from '@interlock/contracts/http';

/** How one run of a process in `examples/processes` goes, and what the company's systems have seen of it and of its children then. */
export interface Story {
  readonly workflow: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly status: RunStatus;
  /** Where it completes. */
  readonly output?: unknown;
  /** Code of the failure, where it does not complete. */
  readonly code?: string;
  /** How often each tool has changed something, undoing left out. */
  readonly writes: Readonly<Record<string, number>>;
  /** Writes that stand although the run was rolled back. */
  readonly stands?: readonly string[];
}

type Told = Omit<Story, 'status' | 'workflow'> & { readonly status?: RunStatus };

const completes = (workflow: string, told: Told): Story => ({ workflow, status: 'completed', ...told });
const undone = (workflow: string, code: string, told: Told): Story => ({
  workflow,
  status: 'rolled_back',
  code,
  ...told,
});

/** What modules start by their schedules. */
const scheduled: readonly Story[] = [
  completes('onboarding', {
    input: { employee: 'next-joiner' },
    output: { accounts: 4, devices: 2, desk: true },
    writes: { 'accounts.create': 4, 'equipment.order': 2, 'people.mail': 1 },
  }),
  completes('offboarding', {
    input: { employee: 'next-leaver' },
    output: { suspended: 4, devices: ['laptop', 'phone'] },
    writes: { 'accounts.suspend': 4, 'equipment.collect': 2 },
  }),
  completes('access-request', {
    input: { employee: 'admin-on-duty', systems: ['console'] },
    output: { asked: 'two', accounts: 1 },
    writes: { 'accounts.create': 1 },
  }),
  completes('travel', {
    input: { employee: 'site-manager' },
    output: { parts: ['flight', 'hotel'], agreed: true },
    writes: { 'travel.book': 2 },
  }),
  completes('expense-report', {
    input: { employee: 'site-manager', receipts: ['hotel', 'taxi'] },
    output: { cents: 9_000, illegible: 0 },
    writes: { 'payroll.add': 1 },
  }),
  completes('loan', {
    input: { applicant: 'regular', cents: 50_000 },
    output: { decision: 'approve', paid: 50_000 },
    writes: { 'documents.request': 2, 'funds.reserve': 1, 'bank.transfer': 1 },
  }),
  completes('claim', {
    input: { claimant: 'regular', damages: [{ what: 'bike', cents: 20_000 }] },
    output: { claimed: 20_000, paid: 20_000 },
    writes: { 'funds.reserve': 2, 'bank.transfer': 1 },
  }),
  completes('invoice-matching', {
    input: { invoice: 'rent', supplier: 'landlord', lines: [{ sku: 'floor-2', cents: 90_000 }] },
    output: { paid: 90_000, agreed: true, asked: false },
    writes: { 'funds.reserve': 2, 'bank.transfer': 1 },
  }),
  completes('dunning', {
    input: { account: 'oldest' },
    output: { paid: true, agency: false },
    writes: { 'reminders.send': 2, 'fees.charge': 2, 'letters.send': 1 },
  }),
  completes('month-end-close', {
    input: { period: 'last-month' },
    output: { posted: 6 },
    writes: { 'journal.post': 6, 'journal.close': 1 },
  }),
  completes('order-to-cash', {
    input: { order: 'standing', customer: 'canteen', lines: [{ sku: 'milk', quantity: 20 }] },
    output: { cents: 80_000, shipped: 'standing' },
    writes: { 'stock.reserve': 1, 'cards.charge': 1, 'labels.print': 1, 'carrier.book': 1 },
  }),
  completes('return', {
    input: { order: 'standing', customer: 'canteen', skus: ['crate'], cents: 300 },
    output: { accepted: ['crate'], paid: 300 },
    writes: { 'stock.put-back': 1, 'cards.pay-back': 1 },
  }),
  completes('restock', {
    input: { sku: 'milk', left: 5 },
    output: { ordered: 100, arrived: 14 },
    writes: { 'supplier.order': 1 },
  }),
  completes('subscription-renewal', {
    input: { customer: 'patient-reader', cents: 900 },
    output: { asked: false, suspended: false },
    writes: { 'cards.charge': 1, 'subscriptions.extend': 2, 'shop.mail': 1 },
  }),
  completes('supplier-onboarding', {
    input: { vendor: 'dairy', skus: ['milk', 'cream'] },
    output: { offered: 2, refused: 0 },
    writes: { 'vendors.create': 1, 'catalogue.add': 2 },
  }),
  completes('incident-response', {
    input: { incident: 'drill', service: 'shop' },
    output: { healthy: true, postMortem: true },
    writes: { 'pager.page': 1, 'status.post': 1, 'services.drain': 2 },
  }),
  completes('data-pipeline', {
    input: { dataset: 'sales' },
    output: { rows: 2_100 },
    writes: { 'datasets.load': 6, 'datasets.swap': 1 },
  }),
  completes('moderation', {
    input: { post: 'odd-post' },
    output: { verdict: 'ask', hidden: true, appealed: false },
    writes: { 'posts.hide': 1, 'notices.send': 2 },
  }),
  completes('data-erasure', {
    input: { person: 'oldest-account' },
    output: { systems: 3, confirmed: 'oldest-account' },
    writes: { 'erasure.plan': 3, 'erasure.delete': 3, 'notices.send': 1 },
  }),
  completes('release', {
    input: { release: 'weekly' },
    output: { hosts: 4 },
    writes: { 'snapshots.take': 1, 'hosts.deploy': 4 },
  }),
];

/** Of every process a run that fails late and is undone, and runs that take another way. `at` tells them apart. */
const told = (at: number): readonly Story[] => [
  undone('onboarding', 'withdrawn', {
    input: { employee: `withdrawn-${at}` },
    writes: { 'accounts.create': 4, 'equipment.order': 2 },
  }),
  undone('offboarding', 'withdrawn', {
    input: { employee: `withdrawn-${at}` },
    writes: { 'accounts.suspend': 4, 'equipment.collect': 2 },
  }),
  undone('access-request', 'withdrawn', {
    input: { employee: `withdrawn-${at}`, systems: ['a', 'b', 'c'] },
    writes: { 'accounts.create': 3 },
  }),
  // A mail cannot be called back, so a person has to look.
  {
    workflow: 'access-request',
    status: 'escalated',
    code: 'compensation_failed',
    input: { employee: `withdrawn-again-${at}`, systems: ['a'] },
    writes: { 'people.mail': 1, 'accounts.create': 1 },
    stands: ['people.mail'],
  },
  undone('travel', 'storm', { input: { employee: `storm-${at}` }, writes: { 'travel.book': 2 } }),
  completes('expense-report', {
    input: { employee: `ada-${at}`, receipts: ['hotel', 'restaurant', 'blurred'] },
    output: { cents: 15_000, illegible: 1 },
    writes: { 'payroll.add': 1 },
  }),
  undone('expense-report', 'withdrawn', {
    input: { employee: `withdrawn-${at}`, receipts: ['restaurant', 'supermarket-run'] },
    writes: { 'payroll.add': 1 },
  }),
  completes('loan', {
    input: { applicant: `large-${at}`, cents: 200_000 },
    output: { decision: 'ask', paid: 200_000 },
    writes: { 'documents.request': 2, 'funds.reserve': 1, 'bank.transfer': 1 },
  }),
  completes('loan', {
    input: { applicant: `poor-${at}`, cents: 200_000 },
    output: { decision: 'decline', paid: 0 },
    writes: { 'documents.request': 2, 'letters.send': 1 },
  }),
  undone('loan', 'fraud', {
    input: { applicant: `fraud-${at}`, cents: 50_000 },
    writes: { 'documents.request': 2 },
  }),
  completes('claim', {
    input: {
      claimant: `bea-${at}`,
      damages: [
        { what: 'bike', cents: 20_000 },
        { what: 'piano', cents: 70_000 },
        { what: 'doubtful painting', cents: 900_000 },
      ],
    },
    output: { claimed: 990_000, paid: 90_000 },
    writes: { 'funds.reserve': 2, 'bank.transfer': 1 },
  }),
  undone('claim', 'fraud', {
    input: { claimant: `fraud-${at}`, damages: [{ what: 'bike', cents: 20_000 }] },
    writes: { 'funds.reserve': 1 },
  }),
  completes('invoice-matching', {
    input: {
      invoice: `odd-${at}`,
      supplier: `mill-${at}`,
      lines: ['short-flour', 'short-bran', 'yeast'].map((sku) => ({ sku, cents: 1_000 })),
    },
    output: { paid: 3_000, agreed: false, asked: true },
    writes: { 'funds.reserve': 2, 'bank.transfer': 1 },
  }),
  undone('invoice-matching', 'barred', {
    input: { invoice: `i-${at}`, supplier: `barred-${at}`, lines: [{ sku: 'short-flour', cents: 1_000 }] },
    writes: { 'funds.reserve': 1 },
  }),
  completes('dunning', {
    input: { account: `never-${at}` },
    output: { paid: false, agency: true },
    writes: { 'reminders.send': 3, 'fees.charge': 3, 'letters.send': 1 },
  }),
  undone('dunning', 'bankrupt', {
    input: { account: `bankrupt-never-${at}` },
    writes: { 'reminders.send': 3, 'fees.charge': 3 },
  }),
  undone('month-end-close', 'unbalanced', {
    input: { period: `unbalanced-${at}` },
    writes: { 'journal.post': 6 },
  }),
  undone('order-to-cash', 'barred', {
    input: {
      order: `o-${at}`,
      customer: `barred-${at}`,
      lines: [
        { sku: 'lamp', quantity: 2 },
        { sku: 'table', quantity: 1 },
      ],
    },
    writes: { 'stock.reserve': 2, 'cards.charge': 1, 'labels.print': 1, 'carrier.book': 1 },
  }),
  completes('return', {
    input: { order: `o-${at}`, customer: `cy-${at}`, skus: ['mug', 'broken-doubtful-vase'], cents: 1_001 },
    output: { accepted: ['mug'], paid: 500 },
    writes: { 'stock.put-back': 1, 'cards.pay-back': 1 },
  }),
  undone('return', 'barred', {
    input: { order: `o-${at}`, customer: `barred-${at}`, skus: ['mug', 'jug', 'broken-cup'], cents: 900 },
    writes: { 'stock.put-back': 2, 'cards.pay-back': 1 },
  }),
  completes('restock', {
    input: { sku: `scarce-saffron-${at}`, left: 20 },
    output: { ordered: 50, arrived: 14 },
    writes: { 'supplier.order': 1 },
  }),
  completes('restock', {
    input: { sku: `salt-${at}`, left: 90 },
    output: { ordered: 0, arrived: 0 },
    writes: {},
  }),
  undone('restock', 'rotten', {
    input: { sku: `rotten-eggs-${at}`, left: 1 },
    writes: { 'supplier.order': 1 },
  }),
  completes('subscription-renewal', {
    input: { customer: `expired-${at}`, cents: 900 },
    output: { asked: false, suspended: true },
    writes: { 'subscriptions.suspend': 1, 'shop.mail': 1 },
  }),
  undone('subscription-renewal', 'barred', {
    input: { customer: `barred-patient-${at}`, cents: 900 },
    writes: { 'cards.charge': 1, 'subscriptions.extend': 2 },
  }),
  completes('supplier-onboarding', {
    input: { vendor: `potter-${at}`, skus: ['a', 'b', 'c', 'd', 'broken-e'] },
    output: { offered: 4, refused: 1 },
    writes: { 'vendors.create': 1, 'catalogue.add': 4 },
  }),
  undone('supplier-onboarding', 'sanctioned', {
    input: { vendor: `sanctioned-${at}`, skus: ['a', 'b', 'c', 'd', 'e', 'f'] },
    writes: { 'vendors.create': 1, 'catalogue.add': 6 },
  }),
  undone('incident-response', 'false-alarm', {
    input: { incident: `false-alarm-${at}`, service: 'search' },
    writes: { 'pager.page': 1, 'status.post': 1, 'services.drain': 2 },
  }),
  undone('data-pipeline', 'corrupt', { input: { dataset: `corrupt-${at}` }, writes: { 'datasets.load': 6 } }),
  completes('moderation', {
    input: { post: `odd-doubtful-${at}` },
    output: { verdict: 'ask', hidden: false, appealed: false },
    writes: { 'notices.send': 2 },
  }),
  undone('moderation', 'overturned', {
    input: { post: `loud-${at}-overturned` },
    writes: { 'posts.hide': 1, 'notices.send': 2 },
  }),
  undone('data-erasure', 'on-hold', { input: { person: `on-hold-${at}` }, writes: { 'erasure.plan': 3 } }),
  undone('release', 'unhealthy', {
    input: { release: `bad-${at}` },
    writes: { 'snapshots.take': 1, 'hosts.deploy': 4 },
  }),
];

/** What people and programs start: all of it so many times. */
export const startedStories = (rounds: number): readonly Story[] =>
  Array.from({ length: rounds }, (_, at) => told(at)).flat();

/** The story of a run: what is given to it says which one it is. */
export function storyOf(run: {
  readonly workflow: { readonly name: string };
  readonly input?: unknown;
}): Story {
  const { workflow, input } = run;
  const at = Number(/-(\d+)(-overturned)?"/.exec(JSON.stringify(input))?.[1] ?? 0);
  const found = [...scheduled, ...told(at)].find(
    (story) => story.workflow === workflow.name && canonical(story.input) === canonical(input),
  );
  if (found === undefined) throw new Error(`no story of ${workflow.name} with ${JSON.stringify(input)}`);
  return found;
}

/** The names of the processes. */
export const processes: readonly string[] = scheduled.map(({ workflow }) => workflow);

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, one) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}
