import { CIRCUIT_TOLD_MS } from '@interlock/contracts';
import { expect, test, vi } from 'vitest';
import { CircuitTeller } from './circuit.teller.js';

const about = { tool: 'pay', toolHash: 'h' };
const open = { ...about, since: 1, failures: 5, code: 'timeout timeout', nextProbe: 9 };

test('an open circuit is told of when it opens, once a minute, and when it closes; one that cannot be told of is not in the way', async () => {
  const told: unknown[] = [];
  const timers: { delayMs: number; task: () => void }[] = [];
  let isDown = false;
  const failures: unknown[] = [];
  const teller = new CircuitTeller({
    clock: { now: () => 100 },
    scheduler: {
      after(delayMs, task) {
        const timer = { delayMs, task };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), 1);
      },
      soon: () => {},
    },
    process: 'p-1',
    producer: {
      append: async (_topic, _partition, [record]) => {
        if (isDown) throw new Error('away');
        told.push(JSON.parse(Buffer.from(record?.value ?? '').toString('utf8')));
        return 0;
      },
      close: async () => undefined,
    },
    failed: (error) => failures.push(error),
  });
  teller.tell(open);
  expect(timers.map(({ delayMs }) => delayMs)).toEqual([CIRCUIT_TOLD_MS]);
  timers.shift()?.task();
  teller.tell(about);
  timers.shift()?.task();
  expect(timers).toEqual([]);
  await vi.waitFor(() => expect(told).toHaveLength(3));
  isDown = true;
  teller.tell(open);
  await teller.stop();
  expect(told).toMatchObject([
    { process: 'p-1', open: { failures: 5 } },
    { open: { since: 1 } },
    { tool: 'pay' },
  ]);
  expect([(told[2] as { open?: unknown }).open, failures.length, timers.length]).toEqual([undefined, 1, 0]);
});
