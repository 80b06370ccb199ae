// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates hold expressions
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExpressionError } from './expression.error.js';
import type { Scope } from './expression.js';
import { resolve } from './template.js';

const scope: Scope = {
  input: { amount: 50, name: 'Ada "the first" } {', list: [1, 2], none: null, ok: true },
  steps: {},
  run: { id: 'r-1' },
};

test.each<[unknown, unknown]>([
  ['${input.amount}', 50],
  ['${input.list}', [1, 2]],
  ['${input.none}', null],
  ['${ input.ok }', true],
  ['${input.amount} EUR for ${input.name}', '50 EUR for Ada "the first" } {'],
  ['$${input.amount} costs $5', '${input.amount} costs $5'],
  ['$', '$'],
  ['a } b', 'a } b'],
  ['${{"a": {"b": input.amount}}}', { a: { b: 50 } }],
  ['${"}" + \'}\'}', '}}'],
  ['${r"\\d}" + "}"}', '\\d}}'],
  ['${"""a"}b"""}', 'a"}b'],
  [
    { a: ['${input.amount}', { b: 'x${1 + 1}' }], c: 3 },
    { a: [50, { b: 'x2' }], c: 3 },
  ],
  ['${input.name}', 'Ada "the first" } {'],
])('%j resolves to %j', (template, value) => {
  expect(resolve(template, scope)).toEqual(value);
});

test.each<[unknown, string, string]>([
  [{ a: [1, '${input.x}'] }, 'with.a[1]', 'input has no field "x"'],
  ['x ${input.none}', 'with', 'null cannot be put into text'],
  ['x ${input.list}', 'with', 'a list cannot be put into text'],
  ['${input', 'with', 'the expression is never closed by a "}"'],
  ['${}', 'with', 'Unexpected token: EOF at character 1'],
])('%j is refused at %s', (template, path, message) => {
  expect(() => resolve(template, scope, ['with'])).toThrow(expect.objectContaining({ path, message }));
});

test('a value that looks like an expression is never evaluated', () => {
  const hostile = { ...scope, input: { text: '${run.id}' } };
  expect(resolve({ a: '${input.text}', b: 'x ${input.text}' }, hostile)).toEqual({
    a: '${run.id}',
    b: 'x ${run.id}',
  });
});

const anyText = fc.oneof(
  fc.string(),
  fc.string({
    unit: fc.constantFrom(
      '$',
      '{',
      '}',
      '"',
      "'",
      '\\',
      '.',
      'a',
      'input',
      '[',
      ']',
      '(',
      ')',
      '+',
      ' ',
      '1',
    ),
  }),
);
const anyTemplate = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    anyText,
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(anyText, tie('value'), { maxKeys: 4 }),
  ),
})).value;

test('whatever the template, resolving gives a value or throws an ExpressionError', () => {
  fc.assert(
    fc.property(anyTemplate, (template) => {
      try {
        resolve(template, scope);
      } catch (error) {
        expect(error).toBeInstanceOf(ExpressionError);
      }
    }),
    { numRuns: 500 },
  );
});

test('a template without expressions resolves to itself, whatever its keys', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(!JSON.stringify(value).includes('${'));
      expect(resolve(value, scope)).toEqual(value);
    }),
  );
  expect(Object.keys(resolve(JSON.parse('{"__proto__": {"x": 1}}'), scope) as object)).toEqual(['__proto__']);
});

test('an expression that stands alone keeps the type and value of what it names', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(value !== undefined);
      const result = resolve({ at: ['${input.value}'] }, { ...scope, input: { value } });
      expect(result).toEqual({ at: [value] });
    }),
  );
});

test('text put into text is unchanged, and escaping undoes itself', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(resolve('<${input.text}>', { ...scope, input: { text } })).toBe(`<${text}>`);
      expect(resolve(`<${text.replaceAll('${', () => '$${')}>`, scope)).toBe(`<${text}>`);
    }),
  );
});
