import { isAuthorized, policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mentionsOf, narrowed, type Reach } from './mentions.js';
import { bundleOf, question } from './question.fixture.js';

const policy = (condition: string) => `permit(principal, action, resource) when { ${condition} };`;
const seen = (condition: string) => {
  const answer = policyToJson(policy(condition));
  if (answer.type === 'failure') throw new Error(answer.errors[0]?.message);
  const { context, principal, resource } = mentionsOf([answer.json]);
  return { context: shape(context), principal: [...principal].sort(), resource: [...resource].sort() };
};

/** `true`: the whole value; else what of it, by name; `{}`: only whether it is there. */
type Shape = true | { [name: string]: Shape };
function shape({ whole, parts }: Reach): Shape {
  if (whole) return true;
  return Object.fromEntries([...parts].sort().map(([name, part]) => [name, shape(part)]));
}

test.each<[string, Shape, string[], string[]]>([
  ['context.tool == "x"', { tool: true }, [], []],
  ['context["a b"].c has d', { 'a b': { c: { d: {} } } }, [], []],
  ['context has arguments.amount && context.arguments.amount > 1', { arguments: { amount: true } }, [], []],
  ['context has arguments', { arguments: {} }, [], []],
  ['context has arguments && context.arguments == {a: 1}', { arguments: true }, [], []],
  ['[context].contains({a: 1})', true, [], []],
  ['{".": context}["."] == {}', true, [], []],
  ['(if true then context else {a: 1}).tool == "x"', true, [], []],
  ['resource.effect like "w*" && !(principal has tenant)', {}, ['tenant'], ['effect']],
  ['resource.effect == context.effect', { effect: true }, [], ['effect']],
  ['(if true then principal else resource).risk == "low"', {}, ['risk'], ['risk']],
  ['Tool::"a".risk == "low" && principal.tenant == "t"', {}, ['risk', 'tenant'], ['risk', 'tenant']],
  [
    '{left: context.tool, attr: context.effect} == {left: "a", attr: "b"}',
    { tool: true, effect: true },
    [],
    [],
  ],
  ['{"Record": {left: context, attr: 1}}.Record.attr == 1', true, [], []],
  ['[Tool::"a"].contains(resource) && context.x == 1', { x: true }, ['x'], ['x']],
])('%s looks at what it names', (condition, context, principal, resource) => {
  expect(seen(condition)).toEqual({ context, principal, resource });
});

test('what no policy can look at is not handed over', () => {
  const amount = { whole: false, parts: new Map([['amountCents', { whole: true, parts: new Map() }]]) };
  const context = { whole: false, parts: new Map([['arguments', amount]]) };
  const mentions = { context, principal: new Set<string>(), resource: new Set(['effect', 'tool']) };
  const asked = question({ context: { effect: 'write', arguments: { amountCents: 5_000, note: 'n' } } });
  const { principal, resource, context: left } = narrowed(asked, mentions);
  expect([principal.attrs, resource.attrs, left]).toEqual([
    {},
    { effect: 'write' },
    { arguments: { amountCents: 5_000 } },
  ]);
  const everything = { ...mentions, context: { whole: true, parts: new Map() } };
  expect(narrowed(asked, everything).context).toEqual(asked.context);
});

/** Any expression: names that a record or a function of Cedar's own notation has are names like others. */
const { expression } = fc.letrec<{ expression: string; value: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom('true', 'context.recovery', 'context has effect', 'principal has requester'),
    fc.tuple(tie('value'), fc.constantFrom('==', '!='), tie('value')).map((parts) => parts.join(' ')),
    fc
      .tuple(tie('expression'), fc.constantFrom('&&', '||'), tie('expression'))
      .map((parts) => `(${parts.join(' ')})`),
    tie('expression').map((inner) => `!(${inner})`),
    fc.tuple(tie('value'), name()).map(([value, attribute]) => `(${value}) has ${attribute}`),
    fc.tuple(tie('value'), tie('value')).map(([value, item]) => `[${value}].contains(${item})`),
    fc
      .tuple(tie('expression'), tie('expression'))
      .map(([a, b]) => `(if ${a} then ${b} else context.recovery)`),
    tie('value').map((value) => `(${value}) like "*e*"`),
    tie('value').map((value) => `(${value}) is Tool`),
    tie('value').map((value) => `{left: ${value}, attr: 1}.left == "write"`),
    tie('value').map((value) => `{left: ${value}, attr: 1}.left.effect == "write"`),
    tie('value').map((value) => `{left: ${value}, attr: 1}.left.amountCents == 5000`),
  ),
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom(
      'context',
      'context.arguments',
      'context.effect',
      'context.tool',
      'principal.requester',
      'resource.risk',
    ),
    fc.constantFrom('context', 'principal', 'resource', 'action', '"write"', '1', 'Tool::"refunds.create"'),
    fc.tuple(tie('value'), name()).map(([value, attribute]) => `(${value}).${attribute}`),
    fc.tuple(tie('value'), name()).map(([value, attribute]) => `(${value})["${attribute}"]`),
    fc
      .tuple(name(), tie('value'), name(), tie('value'))
      .map(([a, x, b, y]) => `{${a}: ${x}, ${b === a ? 'other' : b}: ${y}}`),
    fc
      .tuple(tie('expression'), tie('value'), tie('value'))
      .map(([a, x, y]) => `(if ${a} then ${x} else ${y})`),
    fc.array(tie('value'), { maxLength: 3 }).map((values) => `[${values.join(', ')}]`),
  ),
}));

function name() {
  return fc.constantFrom(
    'tool',
    'effect',
    'arguments',
    'amountCents',
    'requester',
    'risk',
    'left',
    'attr',
    'Record',
    'Var',
    'arg',
  );
}

test('and its absence changes no answer, whatever the expression', () => {
  let decided = 0;
  fc.assert(
    fc.property(fc.array(fc.tuple(expression, fc.boolean()), { minLength: 1, maxLength: 3 }), (list) => {
      sameAsWhole(
        list.map(([text, permits]) => (permits ? policy(text) : policy(text).replace('permit', 'forbid'))),
      );
      decided += 1;
    }),
    { numRuns: 600 },
  );
  expect(decided).toBe(600);
});

test('and its absence changes no answer', () => {
  const condition = fc.constantFrom(
    'context.tool == "refunds.create"',
    'context.arguments.amountCents > 100',
    'context.arguments == {amountCents: 5000}',
    'context == {a: 1}',
    '[context, {a: 1}].contains({a: 1})',
    'context has nothing',
    'context.nothing',
    'principal has requester && principal.requester == "ada"',
    'principal.requesterRoles.containsAny(["clerk", "lead"])',
    'resource.risk == "high"',
    'resource has pool.x',
    'context.arguments has amountCents.x',
    'context.arguments.amountCents.x == 1',
    'context has tool.x',
    'Tool::"refunds.create".risk == "high"',
    'Workflow::"refund-request".requester == "ada"',
    'Workflow::"other".requester == "ada"',
    '(if context.effect == "write" then resource else principal).version == 1',
    '{p: principal}.p.version == 1',
    'resource == principal',
    'if context has effect then resource.effect == context.effect else false',
  );
  const texts = fc.array(fc.tuple(condition, fc.boolean()), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(texts, (list) => {
      const policies = list.map(([text, permits]) =>
        permits ? policy(text) : policy(text).replace('permit', 'forbid'),
      );
      policies.push('forbid(principal, action == Action::"tool.result", resource);');
      policies.push(
        'permit(principal, action in [Action::"tool.call", Action::"x"], resource == Tool::"y");',
      );
      sameAsWhole(policies);
    }),
  );
});

/** What the bundle answers is what Cedar says when it is given everything. */
function sameAsWhole(policies: readonly string[]): void {
  const { principal, resource, action, context } = question();
  const whole = isAuthorized({
    principal: principal.uid,
    action: { type: 'Action', id: action },
    resource: resource.uid,
    context,
    policies: { staticPolicies: Object.fromEntries(policies.map((text, at) => [`p${at}`, text])) },
    entities: [principal, resource],
  });
  if (whole.type === 'failure') throw new Error(whole.errors[0]?.message);
  const { decision, diagnostics } = whole.response;
  const answer = bundleOf(...policies).ask(question());
  expect(answer.verdict).toBe(diagnostics.errors.length > 0 ? 'deny' : decision);
  const determining =
    diagnostics.errors.length > 0 ? diagnostics.errors.map(({ policyId }) => policyId) : diagnostics.reason;
  expect(answer.policies).toEqual([...determining].sort());
}
