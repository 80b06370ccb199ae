import { expect, test } from 'vitest';
import { cronProblem } from './cron.js';

test.each([
  ['0 9 * * MON-FRI', undefined],
  ['*/5 0 9 * * MON', undefined],
  ['* * * *', 'is not a cron pattern of five or six fields: it has 4'],
  ['', 'is not a cron pattern of five or six fields: it has 0'],
  ['0 0 9 * * MON 2027', 'is not a cron pattern of five or six fields: it has 7'],
  ['61 * * * *', 'is not a cron pattern of five or six fields: Invalid value for minute: 61'],
])('what is wrong with the pattern %j is said in words of ours: %s', (pattern, problem) => {
  expect(cronProblem(pattern)).toBe(problem);
});
