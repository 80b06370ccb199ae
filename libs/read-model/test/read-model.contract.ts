import type { StoredRecord } from '@interlock/broker';
import { CommandRefused } from '@interlock/contracts';
import { parseRunFilter } from '@interlock/language';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventsGoneError } from '../src/events.gone.js';
import { inlineReadModel } from '../src/inline.read-model.js';
import type { ReadModel } from '../src/read-model.js';
import { ReadModelUnavailableError } from '../src/read-model.unavailable.js';
import { runFold } from '../src/run.fold.js';
import { fedLog } from './fed.log.js';
import { batches, history, logOf, runIds, starts } from './histories.js';
import { askingLifeOf, EventLog, lifeOf, ownStartOf, startRecord } from './run.records.js';

/** Opens a read model where nothing was read yet; `again` opens the same place once more, as another process. */
export type OpenReadModel = () => Promise<{ model: ReadModel; again(): Promise<ReadModel> }>;

export const noReport = (error: unknown): never => {
  throw error;
};

const owners: Readonly<Record<string, string | undefined>> = {
  'of-acme': 'acme',
  'of-index': 'acme:runs',
  'of-default': undefined,
};

const never = () => new AbortController().signal;
export const commands = (model: ReadModel, records: readonly StoredRecord[]) =>
  model.feed('run.commands', 0, records);
export const events = (model: ReadModel, records: readonly StoredRecord[]) => {
  fedLog.keep(records);
  model.feed('run.events', 0, records);
};

const filters = [
  'run.status in ["completed", "cancelled"] && run.workflow != "none"',
  'run.search.order == "b-0"',
  'run.search.order == "b-0" && run.status == "completed"',
  'run.search.order.startsWith("c") || !has(run.search.order)',
  'run.startedAt > timestamp("1970-01-01T00:00:02.003Z") && run.startedAt < timestamp("1970-01-01T00:00:02.008Z")',
];

/** Everything a caller can see. */
export async function seen(model: ReadModel) {
  const lists = [
    {},
    { status: 'completed' },
    { workflow: 'wait-for-go' },
    { status: 'running', workflow: 'none' },
    ...filters.map((filter) => ({ filter: parseRunFilter(filter) })),
    { reach: 'acme', filter: parseRunFilter('run.search.order == "a-0"') },
    ...['', 'acme', 'acme:runs'].flatMap((reach) => [
      { reach },
      { reach, status: 'completed', workflow: 'wait-for-go' },
    ]),
  ];
  const inboxes = [
    {},
    { status: 'pending' },
    { role: 'finance' },
    { status: 'granted', role: 'finance' },
    { runId: 'c' },
    ...['', 'acme', 'acme:runs'].flatMap((reach) => [
      { reach },
      { reach, runId: 'c' },
      { reach, role: 'finance' },
    ]),
  ];
  return {
    blocked: (await model.status()).blocked,
    lists: await Promise.all(
      lists.map(async (filter) => JSON.parse(await model.list({ reach: '*', ...filter, limit: 100 }))),
    ),
    approvals: await Promise.all(
      inboxes.map(async (filter) => JSON.parse(await model.approvals({ reach: '*', ...filter, limit: 100 }))),
    ),
    runs: await Promise.all(runIds.map((runId) => model.run(runId))),
    events: await Promise.all(runIds.map((runId) => model.events(runId, 0, 100, 'export'))),
    steps: await Promise.all(runIds.map((runId) => model.steps(runId, { limit: 100 }))),
    states: await Promise.all(runIds.map((runId) => model.stateAt(runId, undefined))),
    commands: await Promise.all(runIds.map((runId) => model.command(runId, `${runId}/go`))),
    known: await Promise.all(runIds.map((runId) => model.approval(`${runId}.2`))),
  };
}

/** The read model of a log as SQLite tells it, folded from nothing in one go. */
export async function expectedOf(log: readonly StoredRecord[]) {
  const model = inlineReadModel(':memory:', runFold, fedLog, noReport);
  events(model, log);
  commands(model, starts);
  const all = await seen(model);
  await model.close();
  return all;
}

/** Follows a page's cursor to the end; ids of all pages. */
async function walk(page: (cursor: string | undefined) => Promise<string>, id: string): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const { items, next } = JSON.parse(await page(cursor));
    ids.push(...items.map((item: Record<string, string>) => item[id]));
    cursor = next;
  } while (cursor !== undefined);
  return ids;
}

/** What every read model promises. */
export function readModelContract(name: string, open: OpenReadModel, numRuns = 40): void {
  const serving = async () => {
    fedLog.clear();
    const opened = await open();
    await opened.model.resume();
    await opened.model.serve();
    return opened;
  };

  describe(`the read model in ${name}`, () => {
    test('shows the same however topics interleave, batches fall and processes change', async () => {
      const cuts = fc.array(fc.nat(100), { maxLength: 6 });
      const order = fc.array(fc.constantFrom('commands', 'events', 'look', 'restart'), { maxLength: 20 });
      await fc.assert(
        fc.asyncProperty(history, cuts, cuts, order, async (entries, commandCuts, eventCuts, steps) => {
          const log = await logOf(entries);
          const waiting = { commands: batches(starts, commandCuts), events: batches(log, eventCuts) };
          const { model: first, again } = await serving();
          let model = first;
          for (const step of steps) {
            if (step === 'look') await model.list({ reach: '*', limit: 1 });
            else if (step === 'restart') {
              await model.close();
              model = await again();
              await model.resume();
              waiting.commands = [starts.slice((await model.startOf('run.commands', 0)).next)];
              waiting.events = [log.slice((await model.startOf('run.events', 0)).next)];
              await model.serve();
            } else if (step === 'commands') commands(model, waiting.commands.shift() ?? []);
            else events(model, waiting.events.shift() ?? []);
          }
          for (const batch of waiting.commands) commands(model, batch);
          for (const batch of waiting.events) events(model, batch);
          expect(await seen(model)).toEqual(await expectedOf(log));
          await model.close();
        }),
        { numRuns },
      );
    });

    test('pages through runs and approvals without a gap or a repeat, whatever the filter', async () => {
      const { model } = await serving();
      const log = new EventLog();
      const ids = Array.from({ length: 23 }, (_, index) => `run-${String(index % 7)}-${index}`);
      for (const [index, runId] of ids.entries()) {
        const life = index % 3 === 0 ? askingLifeOf(runId, true) : lifeOf(runId).slice(0, (index % 5) + 1);
        await log.append(life.map((event) => [runId, event] as const));
      }
      events(model, log.records);
      for (const filter of [
        {},
        { status: 'completed' },
        { workflow: 'wait-for-go' },
        { status: 'waiting', workflow: 'wait-for-go' },
      ]) {
        const whole = await walk(
          (cursor) => model.list({ reach: '*', ...filter, limit: 500, cursor }),
          'runId',
        );
        expect(whole.length).toBeGreaterThan(0);
        for (const limit of [1, 4, 23])
          expect(
            await walk((cursor) => model.list({ reach: '*', ...filter, limit, cursor }), 'runId'),
          ).toEqual(whole);
      }
      for (const filter of [
        {},
        { status: 'granted' },
        { role: 'finance' },
        { status: 'granted', role: 'finance' },
        { runId: ids[0] },
        { runId: ids[0], role: 'nobody' },
      ]) {
        const whole = await walk(
          (cursor) => model.approvals({ reach: '*', ...filter, limit: 500, cursor }),
          'approvalId',
        );
        expect(whole.length).toBe('runId' in filter ? ('role' in filter ? 0 : 1) : 8);
        for (const limit of [1, 3])
          expect(
            await walk((cursor) => model.approvals({ reach: '*', ...filter, limit, cursor }), 'approvalId'),
          ).toEqual(whole);
      }
      await model.close();
    });

    test('shows of runs and approvals those of the tenant that is asked about, and all of them to whoever looks after all', async () => {
      const { model } = await serving();
      const log = new EventLog();
      for (const [runId, tenant] of Object.entries(owners))
        await log.append(askingLifeOf(runId, true, tenant).map((event) => [runId, event] as const));
      events(model, log.records);
      commands(model, [startRecord('accepted', 0, 0, 'acme')]);
      for (const reach of ['', 'acme', 'acme:runs', 'nobody', '*']) {
        const own = Object.keys(owners).filter((runId) => reach === '*' || (owners[runId] ?? '') === reach);
        const isOfAcme = reach === 'acme' || reach === '*';
        const runs = await walk((cursor) => model.list({ reach, limit: 1, cursor }), 'runId');
        expect(runs.toSorted()).toEqual([...own, ...(isOfAcme ? ['accepted'] : [])].toSorted());
        for (const filter of [
          {},
          { status: 'granted' },
          { role: 'finance' },
          { status: 'granted', role: 'finance' },
        ]) {
          const inbox = await walk(
            (cursor) => model.approvals({ reach, ...filter, limit: 1, cursor }),
            'runId',
          );
          expect(inbox.toSorted()).toEqual(own.toSorted());
        }
        for (const runId of Object.keys(owners)) {
          const page = JSON.parse(await model.approvals({ reach, runId, limit: 5 }));
          expect(page.items).toHaveLength(own.includes(runId) ? 1 : 0);
        }
      }
      expect((await model.run('of-acme'))?.tenant).toBe('acme');
      expect((await model.run('of-default'))?.tenant).toBe('');
      await model.close();
    });

    test('orders what happened in one millisecond, and pages through it', async () => {
      const { model } = await serving();
      const same = ['b', 'a', 'Z', 'a-1', 'z', '10', '9'].map((runId, offset) => {
        const record = startRecord(runId, offset);
        const data = { ...JSON.parse(Buffer.from(record.value ?? []).toString()), issuedAt: 5 };
        return { ...record, value: Buffer.from(JSON.stringify(data)) };
      });
      commands(model, same);
      const ordered = ['z', 'b', 'a-1', 'a', 'Z', '9', '10'];
      expect(await walk((cursor) => model.list({ reach: '*', limit: 2, cursor }), 'runId')).toEqual(ordered);
      await model.close();
    });

    test('shows a start of this gateway at once, and gives way to another one that was first in the log', async () => {
      const { model } = await serving();
      model.accept(ownStartOf(startRecord('a', 1, 1)));
      expect((await model.run('a'))?.requestHash).toBe('request-1');
      const listed = async (filter: object) =>
        walk((cursor) => model.list({ reach: '*', ...filter, limit: 1, cursor }), 'runId');
      commands(model, [startRecord('b', 0)]);
      expect(await listed({})).toEqual(['a', 'b']);
      expect(await listed({ status: 'running' })).toEqual([]);
      commands(model, [startRecord('a', 1, 0), startRecord('a', 2, 1)]);
      expect((await model.run('a'))?.requestHash).toBe('request-0');
      expect(await listed({ status: 'accepted', workflow: 'wait-for-go' })).toEqual(['a', 'b']);
      await model.close();
    });

    test('has every approval that a run waits for, and none that an ended run left open', async () => {
      const { model } = await serving();
      const log = new EventLog();
      const statuses: (string | undefined)[] = [];
      let fed = 0;
      for (const event of askingLifeOf('a', false)) {
        await log.append([['a', event]]);
        events(model, log.records.slice(fed));
        fed = log.records.length;
        const waits = JSON.parse((await model.run('a'))?.body ?? '{}').waitingFor ?? [];
        const named = waits.flatMap(({ approvalId = [] }) => approvalId);
        const pending = JSON.parse(await model.approvals({ reach: '*', status: 'pending', limit: 10 }));
        expect(pending.items.map(({ approvalId }: { approvalId: string }) => approvalId)).toEqual(named);
        statuses.push((await model.approval('a.2'))?.approval.status);
      }
      expect(statuses).toEqual([undefined, undefined, 'pending', 'pending', 'withdrawn']);
      await model.close();
    });

    test('pages through the events of a run, and says whether there are more', async () => {
      const { model } = await serving();
      const log = new EventLog();
      await log.append(lifeOf('a').map((event) => ['a', event] as const));
      events(model, log.records);
      const pages = await Promise.all([0, 2, 4, 5].map((after) => model.events('a', after, 2, 'view')));
      expect(pages.map((page) => [page?.items.map(({ seq }) => seq), page?.more])).toEqual([
        [[1, 2], true],
        [[3, 4], true],
        [[5], false],
        [[], false],
      ]);
      expect(await model.events('nobody', 0, 2, 'view')).toBeUndefined();
      const behind = (after: number) => model.newEvents('a', after, 2, 'view', never());
      expect((await behind(3))?.items.map(({ seq }) => seq)).toEqual([4, 5]);
      expect(JSON.parse((await model.stateAt('a', 2)) ?? '')).toMatchObject({ runId: 'a', seq: 2 });
      expect(await model.stateAt('a', 6)).toBeUndefined();
      await model.close();
    });

    test('ends a wait when the run settles or grows, also when it had before, and when the caller gives up', async () => {
      const { model } = await serving();
      const log = new EventLog();
      const settled = model.settled('a', never());
      const grown = model.grown('a', 1, never());
      const gone = new AbortController();
      const further = model.grown('a', 50, gone.signal);
      const first = model.newEvents('a', 0, 1, 'view', never());
      const last = model.newEvents('a', 50, 1, 'view', gone.signal);
      await log.append(
        lifeOf('a')
          .slice(0, 2)
          .map((event) => ['a', event] as const),
      );
      events(model, log.records);
      expect((await settled)?.status).toBe('waiting');
      await grown;
      expect((await first)?.items.map(({ seq }) => seq)).toEqual([1]);
      expect((await model.settled('a', never()))?.status).toBe('waiting');
      await model.grown('a', 1, never());
      gone.abort();
      await further;
      expect((await last)?.items ?? []).toEqual([]);
      await model.close();
    });

    test('finds the answer to a command', async () => {
      const { model } = await serving();
      const log = new EventLog();
      await log.append(
        lifeOf('a')
          .slice(0, 2)
          .map((event) => ['a', event] as const),
      );
      events(model, log.records);
      expect(await model.command('a', 'a/go')).toEqual({ runSeq: 2 });
      const fed = log.records.length;
      await log.append([['a', lifeOf('a')[2]!]]);
      events(model, log.records.slice(fed));
      expect(await model.command('a', 'a/go')).toMatchObject({
        runSeq: 3,
        answer: { type: 'signal.received' },
      });
      await model.close();
    });

    test('stops a partition with a changed record, goes on serving what it has read, and reads on from there', async () => {
      const { model, again } = await serving();
      const log = new EventLog();
      await log.append([['a', lifeOf('a')[0]!]]);
      events(model, log.records);
      await model.run('a');
      const fed = log.records.length;
      await log.append([['a', lifeOf('a')[1]!]]);
      const last = log.records.at(-1)!;
      const changed = Buffer.from(last.value!);
      changed.write('x', changed.length - 3);
      events(model, [...log.records.slice(fed, -1), { ...last, value: changed }]);
      expect((await model.run('a'))?.status).toBe('running');
      expect((await model.status()).blocked.map(([input]) => input)).toEqual(['run.events/0']);
      await model.close();
      const next = await again();
      await next.resume();
      events(next, log.records.slice((await next.startOf('run.events', 0)).next));
      await next.serve();
      expect((await next.run('a'))?.status).toBe('waiting');
      await next.close();
    });

    test('keeps a run that has ended only as the log tells it: its events are read from there, page by page', async () => {
      const { model, again } = await serving();
      const log = new EventLog();
      await log.append(lifeOf('a').map((event) => ['a', event] as const));
      events(model, log.records);
      const before = await model.events('a', 0, 100, 'view');
      await model.close();
      const next = await again();
      await next.resume();
      await next.serve();
      expect(await next.events('a', 0, 100, 'view')).toEqual(before);
      expect(before?.items).toHaveLength(5);
      await next.close();
    });

    test('says that events are gone when the log was cut, or holds another record in their place, and shows the run all the same', async () => {
      const { model } = await serving();
      const log = new EventLog();
      await log.append(lifeOf('a').map((event) => ['a', event] as const));
      await log.append(lifeOf('b').map((event) => ['b', event] as const));
      events(model, log.records);
      expect((await model.run('a'))?.status).toBe('completed');
      await model.list({ reach: '*', limit: 1 });
      const [first] = log.records.filter(({ key }) => key === 'a');
      const [other] = log.records.filter(({ key }) => key === 'b');
      fedLog.keep([{ ...other!, offset: first!.offset }]);
      const gone = /another record stands at offset \d+ of run.events\/0/;
      await expect(model.events('a', 0, 5, 'view')).rejects.toThrow(gone);
      fedLog.start = other!.offset;
      await expect(model.events('a', 0, 5, 'view')).rejects.toThrow(EventsGoneError);
      await expect(model.stateAt('a', 2)).rejects.toThrow(
        /events of run a from 1 on are no longer in the log/,
      );
      expect((await model.events('b', 0, 5, 'view'))?.items).toHaveLength(5);
      expect((await model.run('a'))?.status).toBe('completed');
      expect((await model.status()).blocked).toEqual([]);
      await model.close();
    });

    test('says so when the log does not answer, and goes on with a run when it does', async () => {
      const { model, again } = await serving();
      const log = new EventLog();
      const [started, waiting, ...rest] = lifeOf('a').map((event) => ['a', event] as const);
      await log.append([started!, waiting!]);
      events(model, log.records);
      await model.list({ reach: '*', limit: 1 });
      fedLog.failure = new Error('no server answers');
      await expect(model.events('a', 0, 5, 'view')).rejects.toThrow(ReadModelUnavailableError);
      await expect(model.events('a', 0, 5, 'view')).rejects.toThrow(
        /the log cannot be read .*no server answers/,
      );
      expect((await model.run('a'))?.status).toBe('waiting');
      await model.close();
      fedLog.failure = undefined;
      const next = await again();
      await next.resume();
      const { next: from } = await next.startOf('run.events', 0);
      await next.serve();
      await log.append(rest);
      events(next, log.records.slice(from));
      expect((await next.run('a'))?.status).toBe('completed');
      await next.close();
    });

    test('a run may be started after it was told something, and goes on from there', async () => {
      const { model } = await serving();
      const log = new EventLog();
      const refused = {
        commandId: 'c',
        command: 'pause',
        code: 'run.unknown',
        message: 'there is none',
      } as const;
      await log.append([['a', CommandRefused(refused)]]);
      events(model, log.records);
      await model.list({ reach: '*', limit: 1 });
      commands(model, [startRecord('a', 0)]);
      expect((await model.run('a'))?.status).toBe('accepted');
      const fed = log.records.length;
      await log.append([['a', lifeOf('a')[0]!]]);
      events(model, log.records.slice(fed));
      expect((await model.run('a'))?.status).toBe('running');
      expect((await model.events('a', 0, 5, 'view'))?.items.map(({ seq }) => seq)).toEqual([1, 2]);
      await model.close();
    });

    test('forgets everything when it is told to', async () => {
      const { model } = await serving();
      commands(model, starts);
      await model.drain();
      await model.clear();
      expect((await model.startOf('run.commands', 0)).next).toBe(0);
      await model.serve();
      expect(await model.run('a')).toBeUndefined();
      expect(JSON.parse(await model.list({ reach: '*', limit: 10 })).items).toEqual([]);
      await model.close();
    });

    test('drops what comes once it is closed, and refuses who asks then or asked before', async () => {
      const { model, again } = await serving();
      commands(model, [startRecord('a', 0)]);
      await model.drain();
      const asked = Promise.allSettled([model.close(), model.run('a'), model.settled('a', never())]);
      model.accept(ownStartOf(startRecord('b', 1)));
      commands(model, [startRecord('b', 1)]);
      const [closed, ...refused] = await asked;
      expect(closed.status).toBe('fulfilled');
      for (const one of refused) expect(one).toMatchObject({ reason: expect.any(ReadModelUnavailableError) });
      await expect(model.list({ reach: '*', limit: 1 })).rejects.toThrow(ReadModelUnavailableError);
      const other = await again();
      await other.resume();
      await other.serve();
      expect((await other.run('a'))?.status).toBe('accepted');
      expect(await other.run('b')).toBeUndefined();
      await other.close();
    });
  });
}
