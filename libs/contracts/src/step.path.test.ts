import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isStepPath,
  STEP_ID,
  STEP_PATH_CHARS_MAX,
  type StepSegment,
  segmentsOf,
  stepNameOf,
  stepPath,
  stepPathOf,
} from './step.path.js';

const id = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,20}$/);
const turn = fc.integer({ min: 0, max: 99_999 });
const segment: fc.Arbitrary<StepSegment> = fc.oneof(
  fc.record({ id }),
  fc.record({ id, item: turn }),
  fc.record({ id, pass: turn.map((n) => n + 1) }),
);

describe('the path of a step', () => {
  test.each<[string, StepSegment[]]>([
    ['charge', [{ id: 'charge' }]],
    ['lines[0]/charge', [{ id: 'lines', item: 0 }, { id: 'charge' }]],
    ['review#1/ask', [{ id: 'review', pass: 1 }, { id: 'ask' }]],
    ['lines[17]/poll#2/see', [{ id: 'lines', item: 17 }, { id: 'poll', pass: 2 }, { id: 'see' }]],
  ])('%s is read from the workflow inwards', (text, segments) => {
    expect(segmentsOf(text)).toEqual(segments);
    expect(stepPathOf(...segments)).toBe(text);
  });

  test.each([
    ['nothing', ''],
    ['an empty segment', 'lines[0]/'],
    ['no segment in the middle', 'a//b'],
    ['an item that is no number', 'lines[x]/charge'],
    ['an item without its end', 'lines[1/charge'],
    ['a number with a zero in front', 'lines[01]/charge'],
    ['a negative number', 'lines[-1]/charge'],
    ['a pass 0: passes are counted from 1', 'review#0/ask'],
    ['both turns at once', 'lines[1]#2/charge'],
    ['two items', 'lines[1][2]/charge'],
    ['an id that begins with a digit', '1st'],
    ['a blank', 'a b'],
    ['a line behind it', 'a\n'],
    ['more than fits', `${`${'a'.repeat(64)}/`.repeat(20)}a`],
  ])('is not %s', (_name, text) => {
    expect(isStepPath(text)).toBe(false);
    expect(segmentsOf(text)).toBeUndefined();
    expect(stepPath.safeParse(text).success).toBe(false);
  });

  test('says what it must look like where it is none', () => {
    const { error } = stepPath.safeParse('lines[x]');
    expect(error?.issues[0]?.message).toBe(
      'must be the path of a step, like order, lines[17]/charge or review#2/ask',
    );
  });

  test('is never made of what could not be read again', () => {
    expect(() => stepPathOf()).toThrow(RangeError);
    expect(() => stepPathOf({ id: 'a/b' })).toThrow(RangeError);
    expect(() => stepPathOf({ id: 'a[0]' })).toThrow(RangeError);
    expect(() => stepPathOf({ id: 'lines', item: -1 })).toThrow('"lines[-1]" is no path of a step');
    expect(() => stepPathOf({ id: 'poll', pass: 0 })).toThrow(RangeError);
    expect(() => stepPathOf({ id: 'lines', item: 1.5 })).toThrow(RangeError);
  });

  test('comes out as it was read, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 8 }), (segments) => {
        const path = stepPathOf(...segments);
        expect(path.length).toBeLessThanOrEqual(STEP_PATH_CHARS_MAX);
        expect(segmentsOf(path)).toEqual(segments);
        expect(stepNameOf(path)).toBe(segments.map((one) => one.id).join('/'));
      }),
    );
  });

  test('of any text that is a path, there is one way to read it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a[\]#/0-9]{0,12}$/), (text) => {
        const segments = segmentsOf(text);
        if (segments !== undefined) expect(stepPathOf(...segments)).toBe(text);
      }),
    );
  });
});

test.each(['/', '[', ']', '#', '.', ' '])('the id of a step holds no %s', (sign) => {
  expect(STEP_ID.test(`a${sign}b`)).toBe(false);
  expect(STEP_ID.test('a-b_1')).toBe(true);
});
