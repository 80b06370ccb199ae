import type { Module } from '@interlock/module';
import { partsIn } from '../module.parts.ts';
import { countOf, systems, whenIts } from '../systems.ts';

export { env } from '../systems.ts';

/** What happens to money: it is lent, claimed, owed, invoiced and accounted for. */
const money: Module = (kit) => {
  const { write, undoable, read, check, find, z } = systems(kit);
  const text = z.string().min(1).max(200);
  const cents = z.int().min(0).max(100_000_000);
  const tools = [
    ...undoable({
      name: 'documents.request',
      undo: 'documents.withdraw',
      description: 'Asks for documents that are missing.',
      input: { case: text, applicant: text },
    }),
    read({
      name: 'documents.missing',
      description: 'Says how many documents are missing: the second request brings the last.',
      input: { case: text },
      output: z.object({ missing: z.int() }),
      answer: (given, lines) => ({
        missing: Math.max(0, 2 - countOf('documents.request', given.case, lines)),
      }),
    }),
    read({
      name: 'credit.score',
      description: 'Scores somebody from 0 to 100.',
      input: { applicant: text },
      output: z.object({ score: z.int() }),
      answer: ({ applicant }) => ({ score: String(applicant).startsWith('poor') ? 20 : 80 }),
    }),
    check({
      name: 'fraud.check',
      description: 'Looks for signs of fraud.',
      input: { applicant: text },
      says: 'clean',
      refuses: whenIts('applicant', 'fraud'),
    }),
    ...undoable({
      name: 'funds.reserve',
      undo: 'funds.release',
      description: 'Sets money aside.',
      input: { account: text, cents },
    }),
    write({
      name: 'bank.transfer',
      description: 'Transfers money. The bank knows no keys and cannot be asked, so a doubt is for people.',
      input: { account: text, cents },
      risk: 'high',
      recovery: { by: 'ask-human', settleAfter: '100ms' },
    }),
    ...undoable({
      name: 'fees.charge',
      undo: 'fees.waive',
      description: 'Charges a fee.',
      input: { account: text, cents },
    }),
    write({
      name: 'letters.send',
      description: 'Sends a letter. The post knows no keys, but can be asked.',
      input: { to: text, about: text },
      recovery: { by: 'verify', tool: 'letters.find', settleAfter: '100ms' },
    }),
    find('letters.find'),
    ...undoable({
      name: 'reminders.send',
      undo: 'reminders.recall',
      description: 'Reminds somebody to pay.',
      input: { case: text, account: text },
    }),
    read({
      name: 'payments.status',
      description: 'Says whether a case is paid: most people pay after the second reminder.',
      input: { case: text, account: text },
      output: z.object({ paid: z.boolean() }),
      answer: (given, lines) => ({
        paid: !String(given.account).includes('never') && countOf('reminders.send', given.case, lines) >= 2,
      }),
    }),
    check({
      name: 'payments.solvent',
      description: 'Says whether there is anything to get.',
      input: { account: text },
      says: 'solvent',
      refuses: whenIts('account', 'bankrupt'),
    }),
    check({
      name: 'deliveries.match',
      description: 'Compares a line of an invoice with what was delivered.',
      input: { sku: text },
      says: 'matches',
      refuses: whenIts('sku', 'short'),
    }),
    check({
      name: 'invoices.total',
      description: 'Compares the total of an invoice with its order.',
      input: { invoice: text },
      says: 'agrees',
      refuses: whenIts('invoice', 'odd'),
    }),
    check({
      name: 'suppliers.check',
      description: 'Says whether a supplier may be paid.',
      input: { supplier: text },
      says: 'fine',
      refuses: whenIts('supplier', 'barred'),
    }),
    ...undoable({
      name: 'journal.post',
      undo: 'journal.reverse',
      description: 'Posts an entry.',
      input: { period: text, account: text, cents },
    }),
    check({
      name: 'journal.check',
      description: 'Says whether a period balances.',
      input: { period: text },
      says: 'balanced',
      refuses: whenIts('period', 'unbalanced'),
    }),
    write({
      name: 'journal.close',
      description: 'Closes a period for good.',
      input: { period: text },
      risk: 'high',
    }),
  ];
  return {
    ...partsIn(import.meta.url, tools),
    schedules: [
      {
        name: 'standing-loans',
        workflow: 'loan',
        input: { applicant: 'regular', cents: 50_000 },
        cron: '0 9 * * MON-FRI',
        timezone: 'Europe/Berlin',
      },
      {
        name: 'small-claims',
        workflow: 'claim',
        input: { claimant: 'regular', damages: [{ what: 'bike', cents: 20_000 }] },
        every: '4h',
        hours: { days: ['MON', 'TUE', 'WED', 'THU', 'FRI'], from: '08:00', to: '18:00' },
      },
      {
        name: 'rent',
        workflow: 'invoice-matching',
        input: { invoice: 'rent', supplier: 'landlord', lines: [{ sku: 'floor-2', cents: 90_000 }] },
        cron: '0 6 1 * *',
        catchUp: '5d',
      },
      {
        name: 'dunning-run',
        workflow: 'dunning',
        input: { account: 'oldest' },
        cron: '30 2 * * *',
        timezone: 'Europe/Berlin',
      },
      {
        name: 'month-end',
        workflow: 'month-end-close',
        input: { period: 'last-month' },
        cron: '0 3 1 * *',
        overlap: 'queue',
      },
    ],
  };
};

export default money;
