import { expect, test } from 'vitest';
import { RunFilterError } from './filter.error.js';
import { parseRunFilter } from './run.filter.js';

const at = expect.any(Number);
const compare = (field: string, is: string, value: unknown) => ({ kind: 'compare', at, field, is, value });

test.each([
  ['run.status == "failed"', compare('status', '==', 'failed')],
  ['"failed" != run.status', compare('status', '!=', 'failed')],
  ['3 < run.version', compare('version', '>', 3)],
  ['run.workflow.name == "w"', compare('workflow', '==', 'w')],
  ['run.by == "olga"', compare('requester', '==', 'olga')],
  ['run.search.amount >= -2.5', compare('search.amount', '>=', -2.5)],
  ['run.search["large"]', compare('search.large', '==', true)],
  ['run.success', compare('success', '==', true)],
  [
    'run.startedAt > timestamp("2026-12-01T01:00:00+01:00")',
    compare('startedAt', '>', Date.UTC(2026, 11, 1)),
  ],
  [
    'run.search.dueAt < timestamp("2026-12-01T01:00:00+01:00")',
    compare('search.dueAt', '<', '2026-12-01T00:00:00.000Z'),
  ],
  ['"mail.send" in run.tools', compare('tool', '==', 'mail.send')],
  ['run.failure.code in ["a", "b"]', { kind: 'in', at, field: 'failure.code', values: ['a', 'b'] }],
  ['run.workflow.startsWith("refund")', { kind: 'prefix', at, field: 'workflow', text: 'refund' }],
  ['has(run.search.customer)', { kind: 'has', at, field: 'search.customer' }],
  ['run.text.contains("broken lamp")', { kind: 'words', at, text: 'broken lamp' }],
])('%s', (text, predicate) => {
  expect(parseRunFilter(text)).toEqual(predicate);
});

test('questions are joined by &&, || and !', () => {
  expect(parseRunFilter('run.status == "failed" && !(run.version == 1 || run.version == 2)')).toEqual({
    kind: 'and',
    of: [
      compare('status', '==', 'failed'),
      { kind: 'not', of: { kind: 'or', of: [compare('version', '==', 1), compare('version', '==', 2)] } },
    ],
  });
});

test.each([
  ['run.status == "failed" &&', 26, 'something is missing here'],
  ['run.colour == "red"', 1, 'there is no field run.colour'],
  ['run.version == "3"', 16, 'run.version is a number, and this is a text'],
  ['run.startedAt > "2026"', 17, 'run.startedAt is a timestamp, and this is a text: write timestamp('],
  ['run.startedAt > timestamp("soon")', 17, 'timestamp() takes an instant'],
  ['run.status == run.workflow', 15, 'must be a text, a number'],
  ['run.workflow == "a" || run.text.contains("b")', 24, 'can only be joined by &&'],
  ['run.status == "faild"', 15, 'run.status is one of accepted, refused'],
  ['run.status in ["failed", "waits"]', 26, 'run.status is one of'],
  ['run.status == "failed" and run.success', 24, 'write && in place of "and"'],
  ['run.status == "failed" OR run.success', 24, 'write || in place of "or"'],
  ['not run.success', 5, 'write ! in place of "not"'],
  ['run.status = "failed"', 12, 'write == to compare'],
  ['run.success & run.version == 1', 13, 'write && for "and"'],
  ['run.success android', 13, 'unexpected character'],
  ['!run.text.contains("b")', 2, 'can only be joined by &&'],
  ['run.failure.code.contains("x")', 1, 'use startsWith()'],
  ['run.version + 1 == 3', 1, 'one side must be a field of the run'],
  ['run.version > 1 ? true : false', 1, 'a choice with "?" cannot be answered from an index'],
  ['run.search == "x"', 1, 'write the name of a search field'],
  ['run.status in "failed"', 1, 'write a field in a list of values'],
  ['"a" in run.status', 8, 'run.status is one value'],
  ['run.status', 1, 'run.status is no yes or no'],
  ['true', 1, 'a value alone cannot be answered'],
  ['size(run.status) > 2', 1, 'one side must be a field'],
  ['input.amount == 1', 1, 'one side must be a field of the run'],
  ['run.status.matches("a+")', 1, 'matches() cannot be answered from an index'],
  [Array(51).fill('run.success').join(' && '), at, 'asks more than 50 questions'],
  ['x'.repeat(2_001), 2_001, 'is longer than 2000 characters'],
  ['', 1, 'something is missing here'],
])('%s is refused, with the place', (text, place, message) => {
  let error: unknown;
  try {
    parseRunFilter(text);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(RunFilterError);
  expect(error).toMatchObject({ at: place, message: expect.stringContaining(message) });
});
