import { expect, test } from 'vitest';
import { isDiskFull } from './fatal.js';

const errorOf = (facts: object, cause?: unknown) => Object.assign(new Error('no', { cause }), facts);

test('a full disk is told from other failures, however deep it lies', () => {
  const full = [errorOf({ errcode: 13 }), errorOf({ errcode: 4_874 }), errorOf({ code: 'ENOSPC' })];
  for (const error of full)
    expect([isDiskFull(error), isDiskFull(errorOf({}, errorOf({}, error)))]).toEqual([true, true]);
  for (const error of [errorOf({ errcode: 11 }), errorOf({}), 'full', undefined])
    expect(isDiskFull(error)).toBe(false);
});
