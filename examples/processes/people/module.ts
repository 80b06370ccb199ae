import type { Module } from '@interlock/module';
import { partsIn } from '../module.parts.ts';
import { systems, whenIts } from '../systems.ts';

export { env } from '../systems.ts';

/** What happens to people who work here: they come, get access, travel, are paid back, and leave. */
const people: Module = (kit) => {
  const { write, undoable, read, check, z } = systems(kit);
  const employee = z.string().min(1).max(100);
  const text = z.string().min(1).max(200);
  const tools = [
    read({
      name: 'directory.get',
      description: 'Says what the directory knows of somebody.',
      input: { employee },
      output: z.object({ role: z.string(), systems: z.array(z.string()), devices: z.array(z.string()) }),
      answer: ({ employee: name }) => ({
        role: String(name).includes('admin') ? 'admin' : 'clerk',
        systems: ['mail', 'wiki', 'tickets', 'chat'],
        devices: ['laptop', 'phone'],
      }),
    }),
    check({
      name: 'directory.confirm',
      description: 'Says whether somebody still comes, or still goes.',
      input: { employee },
      says: 'confirmed',
      refuses: whenIts('employee', 'withdrawn'),
    }),
    ...undoable({
      name: 'accounts.create',
      undo: 'accounts.remove',
      description: 'Creates an account.',
      input: { employee, system: text },
    }),
    ...undoable({
      name: 'accounts.suspend',
      undo: 'accounts.restore',
      description: 'Suspends an account.',
      input: { employee, system: text },
    }),
    ...undoable({
      name: 'equipment.order',
      undo: 'equipment.cancel',
      description: 'Orders a device.',
      input: { employee, device: text },
    }),
    ...undoable({
      name: 'equipment.collect',
      undo: 'equipment.call-off',
      description: 'Has a device collected.',
      input: { employee, device: text },
    }),
    ...undoable({
      name: 'travel.book',
      undo: 'travel.cancel',
      description: 'Books one part of a trip.',
      input: { employee, what: text },
    }),
    check({
      name: 'travel.check',
      description: 'Says whether a trip can be made.',
      input: { employee },
      says: 'open',
      refuses: whenIts('employee', 'storm'),
    }),
    ...undoable({
      name: 'payroll.add',
      undo: 'payroll.remove',
      description: 'Adds an amount to the next salary.',
      input: { employee, cents: z.int().min(0) },
      risk: 'medium',
    }),
    read({
      name: 'receipts.read',
      description: 'Reads the amount of a receipt.',
      input: { receipt: text },
      output: z.object({ cents: z.int() }),
      refuses: whenIts('receipt', 'blurred'),
      answer: ({ receipt }) => ({ cents: String(receipt).length * 1_000 }),
    }),
    write({
      name: 'people.mail',
      description: 'Writes to somebody; a mail cannot be called back.',
      input: { employee, about: text },
    }),
  ];
  return {
    ...partsIn(import.meta.url, tools),
    schedules: [
      {
        name: 'joiners',
        workflow: 'onboarding',
        input: { employee: 'next-joiner' },
        cron: '0 7 * * MON',
        timezone: 'Europe/Berlin',
        overlap: 'queue',
      },
      {
        name: 'leavers',
        workflow: 'offboarding',
        input: { employee: 'next-leaver' },
        cron: '0 17 * * FRI',
        timezone: 'Europe/Berlin',
      },
      {
        name: 'access-of-admins',
        workflow: 'access-request',
        input: { employee: 'admin-on-duty', systems: ['console'] },
        cron: '0 6 * * *',
        overlap: 'cancel',
      },
      {
        name: 'site-visits',
        workflow: 'travel',
        input: { employee: 'site-manager' },
        cron: '0 9 1 * *',
        timezone: 'America/New_York',
        jitter: '10m',
      },
      {
        name: 'expenses',
        workflow: 'expense-report',
        input: { employee: 'site-manager', receipts: ['hotel', 'taxi'] },
        // Counted from when it was made, whatever the time was then: more often than its hours are long, or it might never fall into them.
        every: '4h',
        hours: { days: ['MON', 'TUE', 'WED', 'THU', 'FRI'], from: '09:00', to: '17:00' },
        timezone: 'Europe/Berlin',
      },
    ],
  };
};

export default people;
