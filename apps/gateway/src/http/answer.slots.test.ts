import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { AnswerSlots } from './answer.slots.js';

class Answer extends EventEmitter {
  destroyed = false;
  destroy(): this {
    this.destroyed = true;
    this.emit('close');
    return this;
  }
}
const answer = () => new Answer() as Answer & Parameters<AnswerSlots['take']>[0];

test('so many answers are sent at once, the next waits for a place, and who waits too long or too many is told', async () => {
  const slots = new AnswerSlots({ atOnceMax: 1, waitingMax: 1, waitMs: 20 });
  const first = answer();
  await slots.take(first, 'ada');
  const second = answer();
  const waiting = slots.take(second, 'ada');
  await expect(slots.take(answer(), 'ada')).rejects.toMatchObject({ status: 503 });
  first.destroy();
  await waiting;
  await expect(slots.take(answer(), 'ada')).rejects.toMatchObject({ status: 503, retryAfterS: 2 });
  second.destroy();
  await slots.take(answer(), 'ada');
});

test('a caller that has gone while it waited keeps no place', async () => {
  const slots = new AnswerSlots({ atOnceMax: 1 });
  const first = answer();
  await slots.take(first, 'ada');
  const gone = answer();
  const waiting = slots.take(gone, 'ada');
  gone.destroyed = true;
  first.destroy();
  await waiting;
  await slots.take(answer(), 'ada');
});

test('whoever reads nothing takes the places of nobody else, and waits in nobody else’s', async () => {
  const slots = new AnswerSlots({
    atOnceMax: 3,
    ofOneMax: 2,
    waitingMax: 2,
    waitingOfOneMax: 1,
    waitMs: 60_000,
  });
  const held = [answer(), answer()];
  for (const one of held) await slots.take(one, 'mallory');
  const third = slots.take(answer(), 'mallory');
  await expect(slots.take(answer(), 'mallory')).rejects.toMatchObject({ status: 503 });
  const ada = answer();
  await slots.take(ada, 'ada');
  const bob = slots.take(answer(), 'bob');
  ada.destroy();
  await bob;
  held[0]?.destroy();
  await third;
});
