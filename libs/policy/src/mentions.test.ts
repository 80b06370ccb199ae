import { isAuthorized, policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mentionsOf, narrowed } from './mentions.js';
import { bundleOf, question } from './question.fixture.js';

const policy = (condition: string) => `permit(principal, action, resource) when { ${condition} };`;
const seen = (condition: string) => {
  const answer = policyToJson(policy(condition));
  if (answer.type === 'failure') throw new Error(answer.errors[0]?.message);
  const { names, wholeContext } = mentionsOf([answer.json]);
  return { names: [...names].sort(), wholeContext };
};

test.each([
  ['context.tool == "x"', ['tool'], false],
  ['context["a b"].c has d', ['a b', 'c', 'd'], false],
  ['context has arguments.amount', ['amount', 'arguments'], false],
  ['[context].contains({a: 1})', [], true],
  ['{".": context}["."] == {}', ['.'], true],
  ['(if true then context else {a: 1}).tool == "x"', ['tool'], true],
  ['resource.effect like "w*" && !(principal has tenant)', ['effect', 'tenant'], false],
])('%s looks at what it names', (condition, names, wholeContext) => {
  expect(seen(condition)).toEqual({ names, wholeContext });
});

test('what no policy can look at is not handed over', () => {
  const mentions = { names: new Set(['effect', 'tool']), wholeContext: false };
  const { principal, resource, context } = narrowed(question(), mentions);
  expect([principal.attrs, resource.attrs, Object.keys(context).sort()]).toEqual([
    {},
    { effect: 'write' },
    ['effect', 'tool'],
  ]);
  expect(Object.keys(narrowed(question(), { ...mentions, wholeContext: true }).context)).toHaveLength(3);
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
    'resource == principal',
    'if context has effect then resource.effect == context.effect else false',
  );
  const texts = fc.array(fc.tuple(condition, fc.boolean()), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(texts, (list) => {
      const policies = list.map(([text, permits]) =>
        permits ? policy(text) : policy(text).replace('permit', 'forbid'),
      );
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
        diagnostics.errors.length > 0
          ? diagnostics.errors.map(({ policyId }) => policyId)
          : diagnostics.reason;
      expect(answer.policies).toEqual([...determining].sort());
    }),
  );
});
