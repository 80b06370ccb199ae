import { expect, test } from 'vitest';
import { z } from 'zod';
import { issuesText, issueText } from './issue.text.js';

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

test.each<[z.ZodType, unknown, string]>([
  [z.strictObject({ a: z.string() }), { b: 1, c: 2 }, 'a: is required; b: unknown field; c: unknown field'],
  [
    z.object({ list: z.array(z.strictObject({ every: z.string() })) }),
    { list: [{ every: '1h' }, { every: 1, evry: 2 }] },
    'list[1].every: must be a string; list[1].evry: unknown field',
  ],
  [
    z.object({
      a: z.union([z.strictObject({ x: z.string(), y: z.string() }), z.strictObject({ z: z.int() })]),
    }),
    { a: { z: 'q' } },
    'a.z: must be a number',
  ],
  [
    z.object({
      command: z.discriminatedUnion('type', [
        z.object({ type: z.literal('cancel') }),
        z.object({ type: z.enum(['pause', 'resume']) }),
      ]),
    }),
    { command: { type: 'cancell' } },
    'command.type: must be one of cancel, pause, resume',
  ],
  [z.string(), 1, 'must be a string'],
])('%#: all that is wrong is told with its place', (schema, given, said) => {
  const { error } = schema.safeParse(given);
  expect(error && issuesText(error)).toBe(said);
});
