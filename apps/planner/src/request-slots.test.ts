import { expect, test } from 'vitest';
import { RequestSlots } from './request-slots.js';

const never = new AbortController().signal;

test('requests beyond those that may be made at a time wait in order', async () => {
  const slots = new RequestSlots(1);
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
  const slots = new RequestSlots(1);
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
