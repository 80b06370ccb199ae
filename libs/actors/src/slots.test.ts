import { expect, test } from 'vitest';
import { Slots } from './slots.js';

const never = new AbortController().signal;

test('whoever finds no slot waits, first come first served', async () => {
  const slots = new Slots(1);
  const order: string[] = [];
  const free = await slots.acquire(never);
  const first = slots.acquire(never).then((mine) => {
    order.push('first');
    mine?.();
  });
  const second = slots.acquire(never).then(() => order.push('second'));
  expect(order).toEqual([]);
  free?.();
  await Promise.all([first, second]);
  expect(order).toEqual(['first', 'second']);
});

test('whoever gives up keeps nobody waiting', async () => {
  const slots = new Slots(1);
  const free = await slots.acquire(never);
  const giveUp = new AbortController();
  const gone = slots.acquire(giveUp.signal);
  const next = slots.acquire(never);
  giveUp.abort();
  expect(await gone).toBeUndefined();
  free?.();
  expect(await next).toBeTypeOf('function');
  expect(await slots.acquire(giveUp.signal)).toBeUndefined();
});

test('a slot that is given back twice is free once', async () => {
  const slots = new Slots(1);
  const free = await slots.acquire(never);
  free?.();
  free?.();
  await slots.acquire(never);
  const giveUp = new AbortController();
  const second = slots.acquire(giveUp.signal);
  giveUp.abort();
  expect(await second).toBeUndefined();
});
