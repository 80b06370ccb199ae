import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { classify } from './failure.js';
import { HttpStatusError } from './http-status.error.js';

const now = Date.parse('2026-01-01T00:00:00Z');

test.each([
  [400, 'invalid_input', 'no'],
  [422, 'invalid_input', 'no'],
  [401, 'unauthorized', 'no'],
  [403, 'unauthorized', 'no'],
  [429, 'rate_limited', 'no'],
  [502, 'transient', 'perhaps'],
  [503, 'transient', 'no'],
  [504, 'transient', 'perhaps'],
  [500, 'internal', 'perhaps'],
  [418, 'internal', 'no'],
])('status %i is %s, and the target acted: %s', (status, kind, performed) => {
  const classified = classify(new HttpStatusError(status, 'no'), now);
  expect(classified).toMatchObject({ failure: { class: kind, code: `http_${status}` }, performed });
});

test.each([
  ['3', 3_000],
  [3, 3_000],
  ['1.5', 1_500],
  ['0', 0],
  ['Thu, 01 Jan 2026 00:00:10 GMT', 10_000],
  ['Wed, 21 Oct 2015 07:28:00 GMT', 0],
  ['Thursday, 01-Jan-26 00:00:10 GMT', 10_000],
  ['Thu Jan  1 00:00:10 2026', 10_000],
  ['99999999999999999999', 86_400_000],
  ['-1', undefined],
  ['soon', undefined],
  ['', undefined],
  [Number.NaN, undefined],
  [null, undefined],
])('Retry-After %s is told in milliseconds', (value, ms) => {
  expect(classify(new HttpStatusError(429, 'wait', value), now).failure.retryAfterMs).toBe(ms);
});

test.each([
  [200, 'fine'],
  [Number.NaN, 'no status'],
  ['503', 'a text'],
  [429, null],
  [429, ''],
  [429, 7],
])('an HttpStatusError of %s and %j says nothing, so there is none', (status, message) => {
  expect(() => new HttpStatusError(status as never, message as never)).toThrow(
    /HttpStatusError\(status, message/,
  );
});

test('whatever is thrown has a message, of well-formed text', () => {
  const hostile = {
    get status() {
      throw new Error('no');
    },
    toString() {
      throw new Error('no');
    },
  };
  for (const thrown of [hostile, Object.create(null), new Error('cut \ud83d'), Symbol('s'), 1n]) {
    const { failure } = classify(thrown, now);
    expect(failure.class).toBe('internal');
    expect(failure.message.isWellFormed()).toBe(true);
  }
});

test('a real refused connection never reached the target', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const thrown = await fetch(`http://127.0.0.1:${port}`).catch((error: unknown) => error);
  expect(classify(thrown, now)).toMatchObject({ failure: { class: 'transient' }, performed: 'no' });
});

test('a real connection cut after the request leaves it open whether the target acted', async () => {
  const server = createServer((request) => request.socket.destroy()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const thrown = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: 'x' }).catch(
    (e: unknown) => e,
  );
  expect(classify(thrown, now)).toMatchObject({ failure: { class: 'transient' }, performed: 'perhaps' });
  await new Promise((resolve) => server.close(resolve));
});

test('an abort is a timeout, and anything else is our defect; both may have acted', () => {
  expect(classify(new DOMException('', 'AbortError'), now)).toMatchObject({
    failure: { class: 'timeout' },
    performed: 'perhaps',
  });
  for (const thrown of [new TypeError('x is undefined'), 'text', null, undefined, { code: 7 }]) {
    expect(classify(thrown, now)).toMatchObject({ failure: { class: 'internal' }, performed: 'perhaps' });
  }
});
