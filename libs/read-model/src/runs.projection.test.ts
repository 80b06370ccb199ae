import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredRecord } from '@interlock/broker';
import { CommandRefused } from '@interlock/contracts';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { fedLog } from '../test/fed.log.js';
import { batches, history, logOf, runIds, starts } from '../test/histories.js';
import { askingLifeOf, EventLog, lifeOf, ownStartOf, startRecord } from '../test/run.records.js';
import { knownApproval, listApprovals } from './approval-queries.js';
import { ReadStore } from './read-store.js';
import { recallFor } from './recall.js';
import { runFold } from './run.fold.js';
import { RunHistories } from './run.histories.js';
import { eventsOf, knownRun, listRuns } from './run-queries.js';
import { acceptedRow, RunsProjection } from './runs.projection.js';

const directory = mkdtempSync(join(tmpdir(), 'interlock-projection-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let files = 0;
const newPath = () => join(directory, `${files++}.sqlite`);

const open = (path: string, residentMax?: number) => {
  const store = new ReadStore(path);
  const histories = new RunHistories(store, fedLog);
  return new RunsProjection(store, histories, runFold, () => undefined, acceptedRow, residentMax);
};
type Projection = ReturnType<typeof open>;

const commands = (projection: Projection, records: readonly StoredRecord[]) =>
  projection.take('run.commands', 0, projection.accepted('run.commands', 0, records));
async function events(projection: Projection, records: readonly StoredRecord[]): Promise<void> {
  fedLog.keep(records);
  const accepted = projection.accepted('run.events', 0, records);
  const read = { topic: 'run.events', partition: 0, accepted };
  if (await recallFor(projection, read)) projection.take('run.events', 0, accepted);
}

/** Everything a caller can see. */
async function seen(projection: Projection) {
  projection.flush();
  expect([...projection.blocked]).toEqual([]);
  return {
    list: JSON.parse(await listRuns(projection, { reach: '*', limit: 100 })),
    approvals: JSON.parse(listApprovals(projection, { reach: '*', limit: 100 })),
    runs: runIds.map((runId) => knownRun(projection, runId)),
    events: await Promise.all(runIds.map((runId) => eventsOf(projection, runId, 0, 100, 'export'))),
  };
}

describe('the read model', () => {
  test('rebuilt from nothing equals the live one, however topics interleave, batches fall and processes restart', async () => {
    const cuts = fc.array(fc.nat(100), { maxLength: 6 });
    const order = fc.array(fc.constantFrom('commands', 'events', 'flush', 'restart', 'repeat'), {
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(history, cuts, cuts, order, async (entries, commandCuts, eventCuts, steps) => {
        fedLog.clear();
        const log = await logOf(entries);
        const waiting = { commands: batches(starts, commandCuts), events: batches(log, eventCuts) };
        const path = newPath();
        let live = open(path, 2);
        const feed = async (topic: 'commands' | 'events') => {
          const next = waiting[topic].shift() ?? [];
          if (topic === 'commands') commands(live, next);
          else await events(live, next);
        };
        for (const step of steps) {
          if (step === 'flush') live.flush();
          else if (step === 'repeat') await events(live, log.slice(0, live.next('run.events', 0)));
          else if (step === 'restart') {
            live.store.close(); // As after a kill: what was not flushed is gone.
            live = open(path, 2);
            waiting.commands = [starts.slice(live.next('run.commands', 0))];
            waiting.events = [log.slice(live.next('run.events', 0))];
          } else await feed(step);
        }
        while (waiting.commands.length > 0) await feed('commands');
        while (waiting.events.length > 0) await feed('events');
        const rebuilt = open(newPath());
        await events(rebuilt, log);
        commands(rebuilt, starts);
        expect(await seen(live)).toEqual(await seen(rebuilt));
        live.store.close();
        rebuilt.store.close();
      }),
      { numRuns: 60 },
    );
  });

  test('counts the first start of a run, as the orchestrator does', () => {
    const projection = open(newPath());
    commands(projection, starts);
    expect(knownRun(projection, 'a')).toMatchObject({ status: 'accepted', requestHash: 'request-0' });
  });

  test('shows a start of this gateway at once, and gives way to another one that was first in the log', () => {
    const projection = open(newPath());
    projection.accept(ownStartOf(startRecord('a', 1, 1)));
    expect(knownRun(projection, 'a')?.requestHash).toBe('request-1');
    commands(projection, starts);
    expect(knownRun(projection, 'a')?.requestHash).toBe('request-0');
  });

  test('does not read a start of this gateway again when it comes back from the log', () => {
    const projection = open(newPath());
    const own = ownStartOf(startRecord('a', 0));
    projection.accept({ ...own, row: { ...own.row, body: 'encoded once' } });
    commands(projection, [startRecord('a', 0), startRecord('a', 1, 1)]);
    expect(knownRun(projection, 'a')).toMatchObject({ body: 'encoded once', requestHash: 'request-0' });
  });

  test('shows a run that waits, and one that has ended', async () => {
    const projection = open(newPath());
    const log = new EventLog();
    const life = lifeOf('a');
    await log.append(life.slice(0, 2).map((event) => ['a', event]));
    await events(projection, log.records);
    expect(knownRun(projection, 'a')?.status).toBe('waiting');
    await log.append(life.slice(2).map((event) => ['a', event]));
    await events(projection, log.records.slice(projection.next('run.events', 0)));
    projection.flush();
    const known = knownRun(projection, 'a');
    expect([known?.status, JSON.parse(known?.body ?? '').lastSeq]).toEqual(['completed', 5]);
  });

  test('has every approval that a run waits for, and none that an ended run left open', async () => {
    const projection = open(newPath());
    const log = new EventLog();
    const statuses: (string | undefined)[] = [];
    for (const event of askingLifeOf('a', false)) {
      await log.append([['a', event]]);
      await events(projection, log.records.slice(projection.next('run.events', 0)));
      const waits = JSON.parse(knownRun(projection, 'a')?.body ?? '{}').waitingFor ?? [];
      const named = waits.flatMap(({ approvalId = [] }) => approvalId);
      const pending = JSON.parse(listApprovals(projection, { reach: '*', status: 'pending', limit: 10 }));
      expect(pending.items.map(({ approvalId }: { approvalId: string }) => approvalId)).toEqual(named);
      statuses.push(knownApproval(projection, 'a.2')?.approval.status);
    }
    expect(statuses).toEqual([undefined, undefined, 'pending', 'pending', 'withdrawn']);
  });

  test('stops a partition with a changed record, and goes on serving what it has read', async () => {
    const projection = open(newPath());
    const log = new EventLog();
    await log.append([['a', lifeOf('a')[0]!]]);
    await events(projection, log.records);
    await log.append([['a', lifeOf('a')[1]!]]);
    const last = log.records.at(-1)!;
    const changed = Buffer.from(last.value!);
    changed.write('x', changed.length - 3);
    await events(projection, [{ ...last, value: changed }]);
    expect([...projection.blocked.keys()]).toEqual(['run.events/0']);
    expect(knownRun(projection, 'a')?.status).toBe('running');
  });

  test('ignores what is no command on run.commands', () => {
    const projection = open(newPath());
    const garbage = { offset: 0, key: 'x', headers: { t: Buffer.from([255]) }, value: Buffer.from([0, 255]) };
    const broken = { ...startRecord('a', 1), value: Buffer.from('{"runId":7}') };
    commands(projection, [garbage, broken, startRecord('b', 2)]);
    expect([...projection.blocked]).toEqual([]);
    expect(knownRun(projection, 'a')).toBeUndefined();
    expect(knownRun(projection, 'b')?.status).toBe('accepted');
  });

  test('takes a second refused command for a run that never was, after the first was stored', async () => {
    const projection = open(newPath());
    const log = new EventLog();
    const refused = (commandId: string) =>
      CommandRefused({ commandId, command: 'pause', code: 'run.unknown', message: 'there is none' });
    for (const commandId of ['1', '2']) {
      await log.append([['ghost', refused(commandId)]]);
      await events(projection, log.records.slice(projection.next('run.events', 0)));
      projection.flush();
    }
    expect([...projection.blocked]).toEqual([]);
    expect(knownRun(projection, 'ghost')).toBeUndefined();
  });

  test('starts afresh when its file is damaged or of another schema version', async () => {
    const path = newPath();
    const { writeFileSync } = await import('node:fs');
    writeFileSync(path, 'this is no database');
    const projection = open(path);
    expect(projection.next('run.events', 0)).toBe(0);
  });
});
