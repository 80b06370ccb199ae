import { CallsStopped, StopLifted } from '@interlock/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import { CONTROL_FRESH_MS, ControlView } from './control.view.js';

const call = { workflow: 'w', tool: 'pay', levels: [], compensates: false };
const by = { sub: 'ada', roles: ['operator'] };
let now: number;
let view: ControlView;

beforeEach(() => {
  now = 0;
  view = new ControlView(() => now);
});

const said = ({ type, data }: { type: string; data: unknown }) => ({
  wires: [`${type}/1`],
  meta: { id: 'c', epoch: 0, index: 1, time: 0 },
  record: { value: Buffer.from(JSON.stringify(data)) },
});
const take = (next: number, ...events: { type: string; data: unknown }[]) =>
  view.take({ accepted: events.map(said) as never, position: { offset: next, epoch: 0, index: 1 } });

const stopped = CallsStopped({
  stopId: 's',
  commandId: 'c',
  number: 1,
  scope: { tool: 'pay' },
  compensations: false,
  reason: 'broken',
  by,
  at: 0,
});
const lifted = StopLifted({ stopId: 's', commandId: 'd', liftedBy: [by], at: 0 });

describe('nothing may start', () => {
  test('before the end of the log was looked at, and read up to', () => {
    expect(view.standing(call)).toEqual({ kind: 'unknown' });
    view.looked(2, 0);
    expect(view.standing(call)).toEqual({ kind: 'unknown' });
    take(1);
    expect(view.standing(call)).toEqual({ kind: 'unknown' });
    take(2);
    expect(view.standing(call)).toEqual({ kind: 'free' });
  });

  test('when the last look is too old, however quiet the log', () => {
    view.looked(0, 0);
    now = CONTROL_FRESH_MS;
    expect(view.isFresh).toBe(true);
    now += 1;
    expect(view.standing(call)).toEqual({ kind: 'unknown' });
    take(5);
    expect(view.standing(call)).toEqual({ kind: 'unknown' });
  });

  test('a look counts from when it was asked for, not from its answer', () => {
    now = 5_000;
    view.looked(0, 3_000);
    expect(view.isFresh).toBe(false);
  });

  test('that a stop covers, whether or not the view is fresh', () => {
    take(1, stopped);
    const note = { stopId: 's', number: 1, reason: 'broken' };
    expect(view.standing(call)).toEqual({ kind: 'stopped', by: note });
    expect(view.standing({ ...call, tool: 'other' })).toEqual({ kind: 'unknown' });
  });
});

test('who waits is told when the view is fresh again, and when a stop is lifted', () => {
  const notified: string[] = [];
  view.onChange(() => notified.push('change'));
  view.onLifted(() => notified.push('lifted'));
  view.looked(0, 0);
  expect(notified).toEqual(['change']);
  now = 200;
  view.looked(0, 200);
  take(1, stopped);
  expect([notified, view.isLifted(1)]).toEqual([['change'], false]);
  take(2, lifted);
  expect([notified, view.isLifted(1)]).toEqual([['change', 'change', 'lifted'], true]);
  now = 5_000;
  view.looked(2, 5_000);
  expect(notified).toEqual(['change', 'change', 'lifted', 'change']);
});
