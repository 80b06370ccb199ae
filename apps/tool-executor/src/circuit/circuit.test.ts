import { CHILD_DIED } from '@interlock/contracts';
import { describe, expect, test, vi } from 'vitest';
import { Circuit } from './circuit.js';
import { ProcessCircuits } from './circuits.js';
import { shownBy } from './shown.js';

const numbers = { failures: 3, probeMs: 1_000 };

/** A circuit that so many failures in a row have opened, at 0. */
function opened(failures = 3): Circuit {
  const circuit = new Circuit(numbers);
  for (let failure = 0; failure < failures; failure += 1) circuit.ended('away', 'transient http_503', 0);
  return circuit;
}

describe('a circuit', () => {
  test('lets every call begin until so many in a row have failed', () => {
    const circuit = opened(2);
    expect([circuit.admits('a', 0), circuit.begins('a', 0)]).toEqual([true, true]);
    expect(circuit.ended('away', 'timeout', 5)).toBe(true);
    expect(circuit.open).toEqual({ since: 5, failures: 3, code: 'timeout', nextProbe: 1_005 });
  });

  test('counts anew after a call that found its target alive', () => {
    const circuit = opened(2);
    circuit.ended('alive', '', 0);
    circuit.ended('away', '', 0);
    circuit.ended('nothing', '', 0);
    expect(circuit.open).toBeUndefined();
  });

  test('that is open lets one call begin in each interval, and no more', () => {
    const circuit = opened();
    const begun: string[] = [];
    for (let now = 0; now <= 5_000; now += 100)
      for (const id of ['a', 'b', 'c'])
        if (circuit.admits(`${id} ${now}`, now) && circuit.begins(`${id} ${now}`, now)) {
          begun.push(`${id} ${now}`);
          circuit.ended('away', '', now);
        }
    expect(begun).toEqual(['a 1000', 'a 2000', 'a 3000', 'a 4000', 'a 5000']);
  });

  test('promises the next one to whoever asked first, until that should have begun', () => {
    const circuit = opened();
    expect(circuit.admits('slow', 1_000)).toBe(true);
    expect(circuit.admits('slow', 1_200)).toBe(true);
    expect(circuit.admits('other', 1_999)).toBe(false);
    expect(circuit.askAgainAt(1_500)).toBe(2_000);
    expect(circuit.admits('other', 2_000)).toBe(true);
    expect(circuit.begins('slow', 2_001)).toBe(false);
    expect(circuit.begins('other', 2_001)).toBe(true);
    expect(circuit.askAgainAt(2_002)).toBe(3_001);
  });

  test('closes with the first call that finds its target alive', () => {
    const circuit = opened();
    expect(circuit.ended('alive', '', 400)).toBe(true);
    expect([circuit.open, circuit.admits('a', 400), circuit.begins('b', 400)]).toEqual([
      undefined,
      true,
      true,
    ]);
  });
});

describe('a call says of its target that it is', () => {
  const failed = (kind: string, code = 'x') =>
    shownBy({ kind: 'failed', failure: { class: kind as never, code, message: '' } });
  test.each([
    ['away, when the connection fails', failed('transient'), 'away'],
    ['away, when it does not answer', failed('timeout'), 'away'],
    [
      'away, when nobody knows what a write has done',
      shownBy({ kind: 'unknown', because: '', class: 'timeout' }),
      'away',
    ],
    ['alive, when it says no', failed('domain'), 'alive'],
    ['alive, when it limits its rate', failed('rate_limited'), 'alive'],
    ['alive, when it does what it is asked', shownBy({ kind: 'succeeded', output: 1 }), 'alive'],
    ['neither, when our process died', failed('transient', CHILD_DIED), 'nothing'],
    ['neither, when the code of the tool is broken', failed('internal'), 'nothing'],
    ['neither, when nothing was called', shownBy({ kind: 'not_performed', because: '' }), 'nothing'],
  ])('%s', (_what, said, expected) => {
    expect(said).toBe(expected);
  });
});

test('a crowd does not ask a target all at once of which nothing good was heard: its calls have their turns', async () => {
  const timers: (() => void)[] = [];
  const scheduler = {
    after: (_delayMs: number, task: () => void) => {
      timers.push(task);
      return () => void timers.splice(timers.indexOf(task), 1);
    },
    soon: () => {},
  };
  const circuits = new ProcessCircuits({ ...numbers, clock: { now: () => 0 }, scheduler });
  const ended = new AbortController();
  const call = (id: number) => ({ requestId: `${id}`, tool: 'orders.get', toolHash: 'h' });
  const away = { kind: 'failed', failure: { class: 'transient', code: 'http_503', message: '' } } as const;
  const begun: number[] = [];
  const overs = new Map<number, () => void>();
  const turns = [1, 2, 3, 4, 5, 6].map(async (id) => {
    const over = await circuits.turn(call(id), ended.signal);
    if (over === undefined) return;
    begun.push(id);
    overs.set(id, over);
  });
  await vi.waitFor(() => expect(begun).toEqual([1, 2, 3]));
  circuits.ended(call(1), away);
  overs.get(1)?.();
  expect(begun).toEqual([1, 2, 3]);
  circuits.ended(call(2), { kind: 'succeeded', output: null });
  await vi.waitFor(() => expect(begun).toEqual([1, 2, 3, 4, 5, 6]));
  await Promise.all(turns);
  expect(timers).toEqual([]);

  const cold = new ProcessCircuits({ ...numbers, failures: 1, clock: { now: () => 0 }, scheduler });
  const first = await cold.turn(call(1), ended.signal);
  const [second, third] = [cold.turn(call(2), ended.signal), cold.turn(call(3), ended.signal)];
  timers[0]?.();
  expect(await second).toBeDefined();
  ended.abort();
  expect([first === undefined, await third, timers.length]).toEqual([false, undefined, 0]);
});

test('those that wait are asked again when the next one may begin, and when the target is back', () => {
  let now = 0;
  const due: { at: number; task: () => void }[] = [];
  const scheduler = {
    after(delayMs: number, task: () => void) {
      const timer = { at: now + delayMs, task };
      due.push(timer);
      return () => void due.splice(due.indexOf(timer), due.includes(timer) ? 1 : 0);
    },
    soon: () => {},
  };
  const circuits = new ProcessCircuits({ ...numbers, clock: { now: () => now }, scheduler });
  let asked = 0;
  circuits.onChange(() => {
    asked += 1;
  });
  const call = (requestId: string) => ({ requestId, tool: 'orders.get', toolHash: 'h' });
  const away = { kind: 'failed', failure: { class: 'transient', code: 'http_503', message: '' } } as const;
  for (const id of ['1', '2', '3']) circuits.ended(call(id), away);

  expect(circuits.holds(call('4'))).toMatch(
    /^the target of orders.get to come back: 3 calls in a row have failed/,
  );
  circuits.holds(call('5'));
  expect(due.map(({ at }) => at)).toEqual([1_000]);
  now = 1_000;
  due[0]?.task();
  expect([asked, circuits.holds(call('4')), circuits.holdsAtLast(call('5'))]).toEqual([
    1,
    undefined,
    expect.any(String),
  ]);
  expect(circuits.holdsAtLast(call('4'))).toBeUndefined();
  circuits.ended(call('4'), { kind: 'succeeded', output: null });
  expect([asked, circuits.holds(call('5'))]).toEqual([2, undefined]);
});
