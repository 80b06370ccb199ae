import { describe, expect, test } from 'vitest';
import type { Question } from './bundle.js';
import { cedarDecimal } from './cedar-value.js';
import { checkBundle } from './check-bundle.js';
import { bundleOf, question } from './question.fixture.js';

const model = {
  uid: { type: 'Model', id: 'openai/planner-1' },
  attrs: { provider: 'openai', name: 'planner-1' },
  parents: [],
};
const call = (context: Question['context'] = {}): Question =>
  question({
    action: 'model.call',
    resource: model,
    context: { provider: 'openai', tokens: 4_000, costUsd: cedarDecimal(2), findings: [], ...context },
  });
const output = (): Question => ({ ...call({ calls: ['mail.send'] }), action: 'model.output' });
const permit = (action: string, rest = '') =>
  `permit(principal, action == Action::"${action}", resource)${rest};`;

describe('a model is asked', () => {
  test.each([
    ['for any of them', permit('model.call')],
    ['for this one', permit('model.call').replace('resource)', 'resource == Model::"openai/planner-1")')],
    ['by its provider', permit('model.call', ' when { resource.provider == "openai" }')],
    [
      'by what it may cost, whole dollars too',
      permit('model.call', ' when { context.costUsd.lessThan(decimal("2.5")) && context.tokens <= 4000 }'),
    ],
    ['for everything there is', 'permit(principal, action, resource);'],
    [
      'for both actions',
      'permit(principal, action in [Action::"model.call", Action::"model.output"], resource);',
    ],
  ])('when a permit says so %s', (_name, text) => {
    expect(checkBundle({ policies: [{ id: 'a', text }] })).toEqual([]);
    expect(bundleOf(text).ask(call()).verdict).toBe('allow');
  });

  test.each(['model.call', 'model.output'] as const)(
    'never with the policies of before: they are told which permit for %s is missing',
    (action) => {
      const answer = bundleOf(permit('tool.call'), permit('tool.result')).ask({ ...call(), action });
      expect(answer).toEqual({
        verdict: 'deny',
        redact: [],
        policies: [],
        reason: `no policy permits ${action}: the bundle has no permit with action == Action::"${action}", and Model::"openai/planner-1" needs one`,
      });
    },
  );

  test('not when the permit is for another one, and then none is missing', () => {
    const other = permit('model.call').replace('resource)', 'resource == Model::"openai/other")');
    expect(bundleOf(other).ask(call()).reason).toBe('no policy permits model.call');
  });

  test('not when one forbids it, or cannot be evaluated', () => {
    const forbid = 'forbid(principal, action, resource) when { context.findings.contains("secret.token") };';
    expect(bundleOf(permit('model.call'), forbid).ask(call({ findings: ['secret.token'] })).verdict).toBe(
      'deny',
    );
    expect(bundleOf(permit('model.call'), forbid).ask(call()).verdict).toBe('allow');
    const broken = 'forbid(principal, action, resource) when { context.missing };';
    expect(bundleOf(permit('model.call'), broken).ask(call()).verdict).toBe('deny');
  });

  test.each([
    ['approval', '@approval("single") @approvers("lead") permit(principal, action, resource);'],
    [
      'approval beside a permit that is free',
      '@approval("dual") @approvers("lead") permit(principal, action, resource);',
    ],
  ])('not when that takes %s, which nobody can give', (_name, text) => {
    const bundle = bundleOf(permit('model.call'), permit('model.output'), text);
    expect(bundle.ask(call())).toMatchObject({ verdict: 'deny' });
    expect(bundle.ask(output())).toMatchObject({ verdict: 'deny' });
  });

  test('while what it proposes is not taken where it would have to be redacted', () => {
    const bundle = bundleOf('@redact("email") permit(principal, action, resource);');
    expect(bundle.ask(call())).toMatchObject({ verdict: 'allow', redact: [] });
    expect(bundle.ask(output()).verdict).toBe('deny');
  });
});

describe('a bundle is refused for', () => {
  const problems = (text: string) =>
    checkBundle({
      policies: [
        { id: 'free', text: permit('tool.call') },
        { id: 'a', text },
      ],
    });

  test.each([
    [
      'approval of what is asked of a model',
      `@approval("single") @approvers("a") ${permit('model.call')}`,
      'nobody approves',
    ],
    [
      'approval of what it proposes',
      `@approval("dual") @approvers("a") ${permit('model.output')}`,
      'nobody approves',
    ],
    [
      'redaction of what it proposes',
      `@redact("email") ${permit('model.output')}`,
      '@redact belongs on tool.result',
    ],
    ['a misspelt name', permit('model.call', '\nwhen { context.token < 5 }'), 'token'],
    ['what only outputs have', permit('model.call', ' when { context.hasOutput }'), 'hasOutput'],
    ['what only calls have', permit('model.output', ' when { context.tokens < 5 }'), 'tokens'],
    ['decimals compared as numbers', permit('model.call', ' when { context.costUsd < 2 }'), 'decimal'],
    ['a tenant that may be missing', permit('model.call', ' when { principal.tenant == "a" }'), 'tenant'],
    ['a tool for a model', permit('model.call').replace('resource)', 'resource == Tool::"a")'), 'Tool'],
  ])('%s, with the place', (_name, text, message) => {
    const [problem, ...others] = problems(text);
    expect(others).toEqual([]);
    expect(problem?.path).toBe('policies[1].text');
    expect(problem?.message).toContain(message);
  });

  test('a name that nothing has, also in a policy for everything', () => {
    expect(problems('permit(principal, action, resource) when { context.whatever == 5 };').join()).not.toBe(
      '',
    );
  });

  test('what its own schema says of us and is not so', () => {
    const schema =
      'entity Workflow, Model; action "model.call" appliesTo { principal: Workflow, resource: Model, context: { mine: Long } };';
    const bundle = (text: string) => checkBundle({ policies: [{ id: 'a', text }], schema });
    expect(bundle(permit('model.call', ' when { context.mine == 1 }'))).toHaveLength(1);
    expect(bundle(permit('model.call', ' when { context.tokens == 1 }'))).toEqual([]);
  });
});
