import { expect, test } from 'vitest';
import { z } from 'zod';
import { issueText } from './issue.text.js';

test.each<[z.ZodType, unknown, string]>([
  [z.coerce.number(), 'abc', 'must be a number'],
  [z.string(), ['a', 'b'], 'must be a string'],
  [z.string(), undefined, 'is required'],
  [z.object({}), 1, 'must be an object'],
  [z.number().int(), 1.5, 'must be a whole number'],
  [z.coerce.number().max(65_535), '80000', 'must be at most 65535'],
  [z.number().min(1), 0, 'must be at least 1'],
  [z.string().max(3), 'abcd', 'must be at most 3 characters long'],
  [z.array(z.string()).max(1), ['a', 'b'], 'must be at most 1 items long'],
  [z.enum(['development', 'production']), 'prod', 'must be one of development, production'],
  [z.literal('yes'), 'no', 'must be yes'],
  [z.enum(['a', 'b'], { error: () => 'c has to be earned' }), 'c', 'c has to be earned'],
  [z.number().max(60, 'at most 60s'), 61, 'at most 60s'],
  [z.string().regex(/a/, 'must hold an a'), 'b', 'must hold an a'],
])('%#: people are told what to give', (schema, given, said) => {
  const [issue] = schema.safeParse(given).error?.issues ?? [];
  expect(issue && issueText(issue)).toBe(said);
});
