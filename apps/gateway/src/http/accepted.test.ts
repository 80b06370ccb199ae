import { expect, test } from 'vitest';
import { accepted } from './accepted.js';

const forms = new Map([
  ['application/json', 'page'],
  ['text/event-stream', 'stream'],
]);

test('an answer has the first form that its caller names and we have', () => {
  expect(accepted('text/html, Text/Event-Stream;q=0.1, application/json', forms)).toBe('stream');
  expect(accepted('application/json', forms)).toBe('page');
});

test('who names no form that we have is told none', () => {
  for (const accept of [undefined, '', '*/*', 'text/html,,;'])
    expect(accepted(accept, forms)).toBeUndefined();
});
