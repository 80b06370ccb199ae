import { defineEvent } from '@interlock/contracts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { FencedLog, OnePartition } from '../test/fenced.log.js';
import { inputOf } from './partition.input.js';
import { defineProjection } from './projection.js';
import { ProjectionRows } from './projection.rows.js';
import { type RuleListener, RuleReader } from './rule.reader.js';

const Opened = defineEvent('door.opened', 1, z.object({ door: z.string() }));
const Closed = defineEvent('door.closed', 1, z.object({ door: z.string() }));

const topic = {
  name: 'doors',
  kind: 'fenced',
  scope: 'run',
  keep: 'forever',
  writer: 'registry',
  stampedBy: 'writer',
} as const;

/** Doors that stand open, with how often they were opened. */
const openDoors = (rowsMax?: number) =>
  defineProjection({
    name: 'open doors',
    topic,
    events: [Opened, Closed],
    ...(rowsMax === undefined ? {} : { rowsMax }),
    key: ({ data }) => data.door,
    apply(row: number | undefined, event, emit: (said: string) => void) {
      emit(`${event.type} at ${event.offset}`);
      return event.type === 'door.opened' ? (row ?? 0) + 1 : undefined;
    },
  });

async function rowsOf(log: FencedLog, rowsMax?: number) {
  const said: string[] = [];
  const rows = new ProjectionRows(openDoors(rowsMax), (one) => said.push(one));
  const moved: string[] = [];
  const troubles: string[] = [];
  const reader = new RuleReader(new OnePartition(log.records), topic, 0, {
    accepted(record) {
      for (const key of rows.take(record)) moved.push(key);
    },
    stopped: ({ message }) => void troubles.push(message),
  });
  await reader.start();
  return { rows, said, moved, troubles };
}

const opened = (door: string) => [Opened.wire, { door }] as const;
const closed = (door: string) => [Closed.wire, { door }] as const;

test('a projection folds what every reader accepts of the messages that it names, and tells others what it has to say', async () => {
  const log = new FencedLog()
    .claim()
    .append(...opened('a'))
    .append('window.opened/1', { broken: true })
    .append(...opened('b'))
    .claim()
    .appendDeposed(Opened.wire)
    .append(...closed('a'))
    .append(...opened('b'));
  const { rows, said, moved } = await rowsOf(log);
  expect(rows.get('a')).toBeUndefined();
  expect(rows.get('b')).toBe(2);
  expect(rows.size).toBe(1);
  expect(moved).toEqual(['a', 'b', 'a', 'b']);
  expect(said).toEqual(['door.opened at 1', 'door.opened at 3', 'door.closed at 6', 'door.opened at 7']);
});

test('of more rows than are kept, the one that moved longest ago goes', async () => {
  const log = new FencedLog().claim();
  for (const door of ['a', 'b', 'a', 'c']) log.append(...opened(door));
  const { rows } = await rowsOf(log, 2);
  expect([rows.get('a'), rows.get('b'), rows.get('c')]).toEqual([2, undefined, 1]);
});

test('a record that is not what its author wrote stops the projection in front of it', async () => {
  const log = new FencedLog()
    .claim()
    .append(...opened('a'))
    .append(...opened('b'));
  const { rows, troubles } = await rowsOf(log.forge(2, '{"door":"c"}'));
  expect(troubles).toHaveLength(1);
  expect(troubles[0]).toContain('doors/0');
  expect([rows.get('a'), rows.get('b'), rows.get('c')]).toEqual([1, undefined, undefined]);
});

test('a reader tells claims and records that nobody accepts apart, and says where it stands', async () => {
  const log = new FencedLog()
    .claim()
    .claim()
    .appendDeposed(Opened.wire)
    .append(...opened('a'));
  const heard: string[] = [];
  const listener: RuleListener = {
    accepted: ({ record }) => heard.push(`accepted ${record.offset}`),
    claimed: () => heard.push('claimed'),
    ignored: () => heard.push('ignored'),
    stopped: () => heard.push('stopped'),
  };
  const reader = new RuleReader(new OnePartition(log.records), topic, 0, listener);
  await reader.start();
  expect(heard).toEqual(['claimed', 'claimed', 'ignored', 'accepted 3']);
  expect(reader).toMatchObject({ offset: 4, isRead: true, trouble: undefined });
});

test('of a record of several parts each is told that the projection names, under its own id', async () => {
  const both = `${Opened.wire},window.opened/1,${Closed.wire}`;
  const log = new FencedLog().claim().append(both, [{ door: 'a' }, { broken: true }, { door: 'b' }]);
  const { said, moved } = await rowsOf(log);
  expect(said).toEqual(['door.opened at 1', 'door.closed at 1']);
  expect(moved).toEqual(['a', 'b']);
});

test('an input that is stored between two appends goes on there, and takes no record twice', () => {
  const log = new FencedLog()
    .claim()
    .append(...opened('a'))
    .append(...opened('b'), { cursor: {} })
    .append(...opened('c'));
  const whole = inputOf(topic, 0);
  const wires = log.records.map((record) => whole.take(record).length);
  expect(wires).toEqual([1, 0, 2, 0]);
  expect(whole.position.position).toMatchObject({ offset: 3, index: 2 });
  expect(whole.position.last).toBe(3);
  const resumed = inputOf(topic, 0, whole.position);
  const end = new FencedLog();
  end.records.push(...log.records);
  expect(log.records.flatMap((record) => resumed.take(record))).toEqual([]);
  expect(resumed.next).toBe(4);
});
