import { expect, test } from 'vitest';
import { readTraceparent, spanIdOf, traceIdOf, traceparentOf } from './trace-context.js';

const trace = '0af7651916cd43dd8448eb211c80319c';
const span = 'b7ad6b7169203331';

test('a traceparent is read as it is written', () => {
  expect(readTraceparent(`00-${trace}-${span}-01`)).toEqual({ traceId: trace, spanId: span, sampled: true });
  expect(readTraceparent(`00-${trace}-${span}-00`)?.sampled).toBe(false);
  expect(traceparentOf({ traceId: trace, spanId: span, sampled: true })).toBe(`00-${trace}-${span}-01`);
});

test('a later version may say more behind it', () => {
  expect(readTraceparent(`cc-${trace}-${span}-01-what-will-be`)?.traceId).toBe(trace);
});

test.each([
  undefined,
  '',
  'garbage',
  `ff-${trace}-${span}-01`,
  `00-${'0'.repeat(32)}-${span}-01`,
  `00-${trace}-${'0'.repeat(16)}-01`,
  `00-${trace.toUpperCase()}-${span}-01`,
  `00-${trace}-${span}-0x`,
])('%s is no traceparent', (text) => {
  expect(readTraceparent(text)).toBeUndefined();
});

test('derived ids are always the same, and differ by what they tell of', () => {
  expect(traceIdOf('run')).toMatch(/^[0-9a-f]{32}$/);
  expect(traceIdOf('run')).toBe(traceIdOf('run'));
  expect(spanIdOf('call', 'run/2')).toMatch(/^[0-9a-f]{16}$/);
  expect(spanIdOf('call', 'run/2')).not.toBe(spanIdOf('check', 'run/2'));
});
