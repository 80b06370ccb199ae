import type { ToolManifest } from '@interlock/contracts';
import { describe, expect, test } from 'vitest';
import { loadBundle } from './bundle.js';
import { cedarTypeOf } from './cedar.types.js';
import { cedarRecord } from './cedar-value.js';
import { checkBundle } from './check-bundle.js';
import { question } from './question.fixture.js';

const tool = (name: string, properties: Record<string, unknown>, output: unknown = {}): ToolManifest => ({
  name,
  version: 1,
  description: 'For a test.',
  input: { type: 'object', properties },
  output: { type: 'object', properties: output },
  effect: 'write',
  risk: 'low',
  audience: 'internal',
  recovery: { by: 'idempotency-key' },
  timeoutMs: 1_000,
  costUsd: 0,
  origin: 'function',
  pool: 'default',
});
const pay = tool('pay', { amount: { type: 'number' }, cents: { type: 'integer' }, note: { type: 'string' } });
const scoped = (condition: string, name = 'pay') =>
  `permit(principal, action == Action::"tool.call", resource == Tool::"${name}") when { ${condition} };`;
const open = (condition: string) =>
  `permit(principal, action == Action::"tool.call", resource) when { ${condition} };`;
const problems = (text: string, tools = [pay], schema?: string) =>
  checkBundle({ policies: [{ id: 'a', text }], ...(schema && { schema }) }, tools).map(
    ({ message }) => message,
  );

describe('a number is what its schema says', () => {
  test.each([
    [
      'a number compared with a whole one',
      'context.arguments.amount <= 100',
      'expected Long but saw decimal',
    ],
    ['an integer compared as a decimal', 'context.arguments.cents.lessThan(decimal("1.0"))', 'saw Long'],
    [
      'either, in the hope that one is right',
      'context.arguments.amount <= 100 || context.arguments.amount.lessThanOrEqual(decimal("100.0"))',
      'expected Long but saw decimal',
    ],
    ['a number that is a text', 'context.arguments.note < 5', 'saw String'],
  ])('so a bundle with %s is refused', (_name, condition, message) => {
    expect(problems(scoped(condition)).join()).toContain(message);
    expect(problems(open(condition)).join()).toContain(message);
  });

  test('and one that compares it as that is published, and judges 20 as it judges 20.5', () => {
    const text = scoped('context.arguments.amount.lessThanOrEqual(decimal("100.0"))');
    expect(problems(text)).toEqual([]);
    const loaded = loadBundle({ policies: [{ id: 'a', text }] });
    const verdict = (amount: number) => {
      const context = { arguments: cedarRecord({ amount }, cedarTypeOf(pay.input)) };
      const resource = { uid: { type: 'Tool', id: 'pay' }, attrs: {}, parents: [] };
      return loaded.ok && loaded.bundle.ask(question({ resource, context })).verdict;
    };
    expect([20, 20.5, 100, 100.5, -1].map(verdict)).toEqual(['allow', 'allow', 'allow', 'deny', 'allow']);
  });
});

describe('a name that is not there is refused', () => {
  test.each([
    ['an argument', scoped('context.arguments.amuont == decimal("1.0")'), 'did you mean `amount`'],
    ['an argument of every tool', open('context.arguments.amuont == decimal("1.0")'), 'amuont'],
    ['an attribute of the context', open('context.efect == "read"'), 'did you mean `effect`'],
    ['an attribute of the tool', open('resource.rsik == "low"'), 'did you mean `risk`'],
    ['an action', 'forbid(principal, action == Action::"tool.cal", resource);', 'did you mean'],
    [
      'an action in a condition',
      'forbid(principal, action, resource) when { action == Action::"tool.cal" };',
      'tool.cal',
    ],
    ['a kind of entity', 'forbid(principal, action, resource == Tol::"pay");', 'did you mean `Tool`'],
    [
      'a workflow as a resource',
      'forbid(principal, action, resource == Workflow::"pay");',
      'nothing that policy is asked',
    ],
    [
      'a tool whose data it looks at',
      scoped('context.arguments.amount == decimal("1.0")', 'paay'),
      'paay, which is not published',
    ],
    [
      'an output',
      'permit(principal, action == Action::"tool.result", resource == Tool::"pay") when { context has output && context.output.x == 1 };',
      'x',
    ],
  ])('%s', (_name, text, message) => {
    expect(problems(text).join()).toContain(message);
  });

  test('but a tool may be forbidden before anybody publishes it', () => {
    expect(problems('forbid(principal, action, resource == Tool::"later");')).toEqual([]);
  });
});

describe('a policy about any tool', () => {
  const mail = tool('mail', { to: { type: 'string' }, note: { type: 'integer' } });

  test('may look at what one of them has', () => {
    expect(
      problems(open('context.arguments has amount && context.arguments.to == "x"'), [pay, mail]),
    ).toEqual([]);
  });

  test('is held against the type that each of them has', () => {
    expect(problems(open('context.arguments.note == "x"'), [pay, mail]).join()).toContain('asked about mail');
    expect(problems(scoped('context.arguments.note == "x"'), [pay, mail])).toEqual([]);
  });
});

describe('a policy about any action', () => {
  const any = (condition: string) => `permit(principal, action, resource) when { ${condition} };`;

  test.each([
    '[Tool::"pay", Tool::"mail"].contains(resource)',
    'context.tool == "pay"',
    'resource has provider && resource.provider == "openai"',
    'context has arguments && context.arguments has cents && context.arguments.cents < 5',
    'action == Action::"tool.call" && context.effect == "read" || context.outputBytes < 5',
  ])('may be meant for tools or for models: %s', (condition) => {
    expect(problems(any(condition))).toEqual([]);
  });

  test.each([
    ['context has arguments && context.arguments has amount && context.arguments.amount < 5', 'saw decimal'],
    ['context.whatever == 5', 'whatever'],
    ['resource.efect == "read"', 'efect'],
  ])('is refused when it fits neither: %s', (condition, message) => {
    expect(problems(any(condition)).join()).toContain(message);
  });
});

describe('the schema of a bundle', () => {
  const schema =
    'action "spending"; action "everything"; action "tool.call" in ["spending"] appliesTo { principal: W, resource: W }; entity W;';

  test('makes groups of actions, and policies about a group apply', () => {
    const text = 'forbid(principal, action in Action::"spending", resource);';
    const all = 'permit(principal, action, resource);';
    const policies = [
      { id: 'a', text },
      { id: 'all', text: all },
    ];
    expect(checkBundle({ policies, schema }, [pay])).toEqual([]);
    const loaded = loadBundle({ policies, schema });
    const ask = (action: 'tool.call' | 'tool.result') => loaded.ok && loaded.bundle.ask(question({ action }));
    expect(ask('tool.call')).toMatchObject({ verdict: 'deny', policies: ['a'] });
    expect(ask('tool.result')).toMatchObject({ verdict: 'allow', policies: ['all'] });
  });

  test('makes them in groups of groups, and conditions see them', () => {
    const nested = 'action "all"; action "spending" in ["all"]; action "tool.call" in ["spending"];';
    const text = 'forbid(principal, action, resource) when { action in Action::"all" };';
    const policies = [
      { id: 'a', text },
      { id: 'all', text: 'permit(principal, action, resource);' },
    ];
    expect(checkBundle({ policies, schema: nested }, [pay])).toEqual([]);
    const loaded = loadBundle({ policies, schema: nested });
    expect(loaded.ok && loaded.bundle.ask(question()).policies).toEqual(['a']);
  });

  test('cannot say that a number is another one', () => {
    const lie =
      'entity Workflow, Tool; action "tool.call" appliesTo { principal: Workflow, resource: Tool, context: { arguments: { amount: Long } } };';
    expect(problems(scoped('context.arguments.amount <= 100'), [pay], lie).join()).toContain('saw decimal');
  });
});

describe('the type of a JSON Schema', () => {
  const attributes = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) =>
    cedarTypeOf({ type: 'object', properties, ...more });
  const record = (types: Record<string, unknown>) => ({
    type: 'Record',
    attributes: Object.fromEntries(
      Object.entries(types).map(([name, type]) => [name, { ...(type as object), required: true }]),
    ),
  });
  const decimal = { type: 'Extension', name: 'decimal' };

  test.each<[string, unknown, unknown]>([
    ['null or a text is a text', { anyOf: [{ type: 'string' }, { type: 'null' }] }, { type: 'String' }],
    ['null or a number is a decimal', { type: ['number', 'null'] }, decimal],
    ['an integer or a number is a decimal', { type: ['integer', 'number'] }, decimal],
    ['words are texts', { enum: ['a', 'b'] }, { type: 'String' }],
    ['whole values are longs', { enum: [1, 2] }, { type: 'Long' }],
    ['values of which one has a fraction are decimals', { enum: [1, 2.5] }, decimal],
    [
      'a list of numbers is a set of decimals',
      { type: 'array', items: { type: 'number' } },
      { type: 'Set', element: decimal },
    ],
    ['a reference is what it refers to', { $ref: '#/$defs/A' }, { type: 'Long' }],
    [
      'a part of a union counts',
      {
        oneOf: [
          { type: 'object', properties: { a: { type: 'integer' } } },
          { type: 'object', properties: { b: { type: 'boolean' } } },
        ],
      },
      record({ a: { type: 'Long' }, b: { type: 'Boolean' } }),
    ],
  ])('%s', (_name, schema, type) => {
    expect(attributes({ x: schema }, { $defs: { A: { type: 'integer' } } })).toEqual(record({ x: type }));
  });

  test.each<[string, unknown]>([
    ['anything', {}],
    ['a text or a number', { type: ['string', 'number'] }],
    ['a list of anything', { type: 'array' }],
    ['a reference to nothing', { $ref: '#/$defs/none' }],
    ['true', true],
  ])('%s has none', (_name, schema) => {
    expect(attributes({ x: schema })).toEqual(record({}));
  });

  test('that refers to itself ends', () => {
    const folder = {
      type: 'object',
      properties: { label: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } },
    };
    expect(JSON.stringify(cedarTypeOf(folder)).length).toBeLessThan(10_000);
    const wide = {
      type: 'object',
      properties: Object.fromEntries('abcdefgh'.split('').map((name) => [name, { $ref: '#' }])),
    };
    expect(JSON.stringify(cedarTypeOf(wide)).length).toBeLessThan(2_000_000);
  });
});
