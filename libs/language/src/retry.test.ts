import { describe, expect, test } from 'vitest';
import { compileRetry, lastingRetry } from './compile.fields.js';
import { problemsOf, steps } from './refusal.fixture.js';

describe('what a step says of retries', () => {
  test.each([
    ['a time alone, for every class that lasts', { for: 'PT1H' }, { forMs: 3_600_000, maxBackoffMs: 60_000 }],
    ['a longest wait alone', { cap: '5s' }, { forMs: 600_000, maxBackoffMs: 5_000 }],
  ])('is %s', (_name, retry, numbers) => {
    const lasting = { backoffMs: 200, ...numbers };
    expect(compileRetry(retry)).toEqual({ transient: lasting, timeout: lasting });
  });

  test('is a number of attempts, which alone bounds them then, as it always did', () => {
    expect(compileRetry({ transient: { attempts: 3, backoff: '1s' } })).toEqual({
      transient: { attempts: 3, backoffMs: 1_000 },
    });
  });

  test('is a number of attempts within a time', () => {
    expect(compileRetry({ for: '1m', transient: { attempts: 3 } }).transient).toEqual({
      attempts: 3,
      forMs: 60_000,
    });
  });

  test('is a first wait, and the rest is as where nothing is said', () => {
    expect(compileRetry({ transient: { backoff: '1s' } }).transient).toEqual({
      ...lastingRetry.transient,
      backoffMs: 1_000,
    });
  });
});

test.each([
  [
    'retries of a step that makes no calls',
    steps('  a:\n    wait: { for: 1s }\n    retry: { for: 1m }'),
    ['8:5 steps.a.retry: only a step that makes calls makes them again: leave it out'],
  ],
  [
    'a way to end for a step without attempts',
    steps('  a:\n    wait: { for: 1s }\n    onExhausted: park'),
    ['8:18 steps.a.onExhausted: only a tool step has attempts: leave it out'],
  ],
  [
    'a way to end that there is not',
    steps('  a:\n    tool: orders.get\n    with: { orderId: x }\n    onExhausted: retry'),
    ['9:18 steps.a.onExhausted: must be "park" or "fail"'],
  ],
])('%s is refused', (_name, source, problems) => {
  expect(problemsOf(source)).toEqual(problems);
});
