import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineTool, ToolDefinitionError } from './define-tool.js';

const taking = (input: z.ZodType) =>
  defineTool({
    name: 'fx.take',
    version: 1,
    description: 'Takes.',
    input,
    output: z.object({}),
    effect: 'read',
    risk: 'low',
    audience: 'internal',
    timeout: '1s',
    run: () => ({}),
  });
let count = 0;

describe('an input that would change what it is given is refused, with the place', () => {
  test.each<[string, z.ZodType, RegExp]>([
    ['a transformation', z.object({ a: z.string().transform(Number) }), /input\.a: a transformation/],
    ['preprocess', z.object({ a: z.preprocess(String, z.string()) }), /input\.a: a transformation/],
    [
      'coercion',
      z.object({ lines: z.array(z.object({ n: z.coerce.number() })) }),
      /input\.lines\[\]\.n: coercion/,
    ],
    ['trim()', z.object({ a: z.string().trim().optional() }), /input\.a: trim\(\)/],
    ['toLowerCase()', z.object({ a: z.record(z.string(), z.string().toLowerCase()) }), /input\.a\.\*: trim/],
    [
      'an overwrite of a list',
      z.object({ a: z.array(z.string()).overwrite((all) => all.toSorted()) }),
      /input\.a: /,
    ],
    ['catch()', z.object({ a: z.string().catch('x') }), /input\.a: catch\(\)/],
    ['a codec', z.object({ a: z.stringbool() }), /input\.a: a codec/],
    [
      'a random default',
      z.object({ a: z.number().default(() => Math.random()) }),
      /input\.a: the default is computed/,
    ],
    [
      'a counting default',
      z.object({ a: z.number().default(() => ++count) }),
      /input\.a: the default is computed/,
    ],
    [
      'the time as a default',
      z.object({ a: z.number().prefault(() => Date.now()) }),
      /input\.a: the default is computed/,
    ],
    [
      'a default in a union',
      z.object({ a: z.union([z.object({ b: z.number().default(1) }), z.null()]) }),
      /input\.a\|0\.b: a default inside of a union/,
    ],
    [
      'a default that may be null',
      z.object({ a: z.object({ b: z.number().default(1) }).nullable() }),
      /input\.a\.b: a default/,
    ],
    [
      'a pattern that cannot be bounded',
      z.object({ a: z.string().regex(/^(?!x)a/) }),
      /input\.properties\.a\.pattern: the pattern cannot be used/,
    ],
  ])('%s', (_name, input, message) => {
    const define = () => taking(input);
    expect(define).toThrow(ToolDefinitionError);
    expect(define).toThrow(message);
    expect(define).toThrow(/^tool fx\.take: /);
  });
});

test('constant defaults, refinements, recursion and unions are taken', () => {
  const folder = z.object({
    label: z.string().refine((text) => text !== 'x'),
    get children() {
      return z.array(folder).optional();
    },
  });
  const pet = z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('cat') }),
    z.object({ kind: z.literal('dog') }),
  ]);
  const input = z.object({
    folder,
    pet,
    unit: z.string().default('cm'),
    size: z.object({ n: z.number().default(1) }).prefault({}),
    any: z.json(),
    piped: z.string().pipe(z.string().min(1)),
    text: z.string().nullable().default(null),
  });
  expect(taking(input).manifest.input).toMatchObject({ properties: { unit: { default: 'cm' } } });
});

/** Of the built libraries, as the services load them. */
test('the hash of a tool is the same in every process', () => {
  const program = `
    import { defineTool } from '@interlock/tools';
    import { z } from 'zod';
    const input = z.object({ unit: z.string().default('cm'), tags: z.array(z.string()).default(['a']), at: z.iso.datetime() });
    const { toolHash } = defineTool({ name: 'fx.take', version: 1, description: 'Takes.', input, output: z.object({}),
      effect: 'read', risk: 'low', audience: 'internal', timeout: '1s', run: () => ({}) });
    process.stdout.write(toolHash);`;
  const hashes = [1, 2].map(() =>
    execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    }),
  );
  expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(hashes[1]).toBe(hashes[0]);
});
