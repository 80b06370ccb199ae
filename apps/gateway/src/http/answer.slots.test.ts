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
  const slots = new AnswerSlots(1, 1, 20);
  const first = answer();
  await slots.take(first);
  const second = answer();
  const waiting = slots.take(second);
  await expect(slots.take(answer())).rejects.toMatchObject({ status: 503 });
  first.destroy();
  await waiting;
  await expect(slots.take(answer())).rejects.toMatchObject({ status: 503, retryAfterS: 2 });
  second.destroy();
  await slots.take(answer());
});

test('a caller that has gone while it waited keeps no place', async () => {
  const slots = new AnswerSlots(1);
  const first = answer();
  await slots.take(first);
  const gone = answer();
  const waiting = slots.take(gone);
  gone.destroyed = true;
  first.destroy();
  await waiting;
  await slots.take(answer());
});
