import { expect, test } from 'vitest';
import { HEAD_EVENTS, HEAD_MS, UnsignedHeads } from './unsigned.heads.js';

let now = 0;
const unsigned = () => {
  now = 5_000;
  return new UnsignedHeads(() => now);
};

test('a run that moves is due a second later, however often it moves meanwhile', () => {
  const heads = unsigned();
  heads.moved('run-1', true);
  now += HEAD_MS - 1;
  heads.moved('run-1', true);
  expect(heads.isDue).toBe(false);
  now += 1;
  expect(heads.isDue).toBe(true);
  expect(heads.take(10)).toEqual(['run-1']);
  expect(heads).toMatchObject({ isDue: false, size: 0 });
});

test('while much happens it is due after so many events, though no second has passed', () => {
  const heads = unsigned();
  heads.moved('run-1', true);
  for (let n = 0; n < HEAD_EVENTS - 1; n++) heads.moved('run-2', true);
  expect(heads.isDue).toBe(false);
  heads.moved('run-2', true);
  expect(heads.isDue).toBe(true);
  expect(heads.take(1)).toEqual(['run-1']);
  expect(heads.isDue).toBe(true);
  expect(heads.take(1)).toEqual(['run-2']);
  expect(heads.isDue).toBe(false);
});

test('of a run that ends nothing waits: its head is signed with its end', () => {
  const heads = unsigned();
  heads.moved('run-1', true);
  heads.ended('run-1');
  now += 10 * HEAD_MS;
  expect(heads).toMatchObject({ isDue: false, size: 0 });
});

test('who goes on in the middle of the stream signs what may have waited, and not every run that is open', () => {
  const heads = unsigned();
  heads.moved('rests', false);
  for (let n = 0; n < 2 * HEAD_EVENTS - 1; n++) heads.moved('moved', false);
  heads.moved('late', false);
  now += HEAD_MS;
  expect(heads.isDue).toBe(true);
  expect(heads.take(10)).toEqual(['moved', 'late']);
});
