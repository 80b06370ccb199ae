import { ScheduleRefused } from '@interlock/contracts';
import { NoSealingKeyError, type OwnerAnswer } from '@interlock/service';
import type { DescribedModules } from '@interlock/tools';
import { expect, test } from 'vitest';
import { ModulePublication } from './module.publication.js';
import { ScheduleCommander } from './schedule.commander.js';

const FILE = '/modules/night.module.ts';
const by = { sub: 'module:night', roles: ['module'] };
const nothing = { named: () => undefined, all: () => [] };
const workflows = { ...nothing, named: () => ({ version: 1, compiled: { inputSchema: {} } }) };

/** One schedule, and an orchestrator that answers when it is told to. */
function publishing(
  schedule: object,
  published: object = workflows,
  failures: Error[] = [],
  notifications: readonly object[] = [],
) {
  const answered = Promise.withResolvers<OwnerAnswer | undefined>();
  const ask = async (..._asked: unknown[]) => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return answered.promise;
  };
  const owner = { ask, door: { service: 'orchestrator' } };
  const schedules = new ScheduleCommander(
    owner as never,
    { find: () => undefined, count: () => 0 },
    published as never,
  );
  const publication = new ModulePublication(
    { policy: { proposed: {} }, all: () => [{ name: 'tidy' }] } as never,
    {} as never,
    {} as never,
    schedules,
    async () => 'a token',
    [FILE],
  );
  const empty = {
    tools: [],
    tables: [],
    prompts: [],
    schemas: [],
    workflows: [],
    triggers: [],
    policies: [],
    notifications,
  };
  const modules = {
    ...empty,
    schedules: [{ ...asked, ...schedule }],
    files: new Map([['schedule night', FILE]]),
  };
  const done = publication.publish(modules as unknown as DescribedModules, new AbortController().signal);
  return { publication, done, answer: answered.resolve };
}

const asked = {
  name: 'night',
  workflow: 'tidy',
  input: {},
  cron: '0 3 31 2 *',
  timezone: 'UTC',
  overlap: 'skip',
  catchUp: 'PT1H',
  jitter: 'PT0S',
  paused: false,
};

const neverDue = {
  ...ScheduleRefused({
    name: 'night',
    commandId: 'c',
    code: 'never_due',
    message: 'No time fits.',
    by,
    at: 1,
  }),
  commandId: 'c',
} as OwnerAnswer;

test('who waits for the answer about a schedule is told whose answer, about what, of which module, and where to look', async () => {
  const { publication, done, answer } = publishing({});
  await expect
    .poll(() => publication.waitingFor)
    .toBe(`the orchestrator to answer about schedule night (${FILE}): if it runs, look into its quarantine`);
  answer(neverDue);
  await expect(done).rejects.toThrow(`schedule night of module ${FILE} is refused:\n  cron: No time fits.`);
  expect(publication.waitingFor).toBeUndefined();
});

test.each([
  [
    { timezone: 'Mars/Base' },
    workflows,
    'timezone: there is no time zone Mars/Base: write one like Europe/Berlin',
  ],
  [{ cron: 'now' }, workflows, 'cron: '],
  [{ workflow: 'tuck' }, nothing, 'workflow: There is no published workflow tuck.'],
])('a schedule that cannot be is refused with the field, and why: %j', async (schedule, published, why) => {
  const { done } = publishing(schedule, published);
  await expect(done).rejects.toThrow(`schedule night of module ${FILE} is refused:\n  ${why}`);
});

test('a service that has not written its key yet is waited for by name, and then asked', async () => {
  const keys = [new NoSealingKeyError('orchestrator')];
  const { publication, done, answer } = publishing({}, workflows, keys);
  await expect
    .poll(() => publication.waitingFor)
    .toMatch(/^the orchestrator to write its public key, for schedule night /);
  answer(neverDue);
  await expect(done).rejects.toThrow('No time fits.');
});

test('a notification of a workflow that nobody has published is refused, with the place and what to do', async () => {
  const { done } = publishing({}, workflows, [], [{ name: 'ops', workflows: ['tidy', 'tdiy'] }]);
  await expect(done).rejects.toThrow(
    'notification ops is refused:\n  workflows[1]: there is no published workflow tdiy: correct its name, or bring its module too',
  );
});
