import { describe, expect, test } from 'vitest';
import { checkBundle } from './check-bundle.js';

const permit = 'permit(principal, action == Action::"tool.call", resource)';
const asks = '@approval("dual") @approvers("lead,cfo")';
const one = (text: string) => checkBundle({ policies: [{ id: 'a', text }] });

describe('a bundle', () => {
  test('of sound policies has no problems', () => {
    const text = `@approval("dual") @approvers("lead,cfo") ${permit};`;
    const policies = [
      { id: 'a', text },
      { id: 'b', text: `@redact("email") ${permit};` },
    ];
    expect(checkBundle({ policies, hosts: ['example.com', '*.example.org'] })).toEqual([]);
    expect(checkBundle({ policies: [] })).toEqual([]);
  });

  test('may say what happens while people are silent', () => {
    const escalation =
      '@remind("PT10M") @escalate("ceo") @escalateAfter("PT1H") @expires("PT4H") @default("fallback")';
    expect(one(`${asks} ${escalation} ${permit};`)).toEqual([]);
    expect(
      one(`${asks} @remind("PT23H59M") @escalate("ceo") ${permit} when { context.attempt == 1 };`),
    ).toEqual([]);
  });

  test('may look at what people approved where it does not ask them', () => {
    expect(one(`${permit} when { context.approved };`)).toEqual([]);
    expect(one('forbid(principal, action, resource) when { context has approved };')).toEqual([]);
  });

  test('says line and column of what does not parse, also behind letters of several bytes', () => {
    expect(one('permit(principal, action, resource)\nwhen { context.x == };')).toMatchObject([
      { path: 'policies[0].text', line: 2, column: 21 },
    ]);
    expect(one('// größer ✓\nforbid(principal, action, resource) when { "ü" == };')).toMatchObject([
      { line: 2, column: 51 },
    ]);
  });

  test.each([
    ['misspells an annotation', `@approve("single") ${permit};`, '@approve is not an annotation'],
    ['asks for an unknown approval', `@approval("triple") @approvers("x") ${permit};`, '@approval is one of'],
    ['asks for approval by nobody', `@approval("single") ${permit};`, 'needs @approvers'],
    ['asks for approval by blanks', `@approval("single") @approvers(" , ") ${permit};`, 'needs @approvers'],
    ['names approvers for nothing', `@approvers("lead") ${permit};`, 'needs @approval'],
    [
      'puts a price on a forbid',
      '@approval("single") @approvers("x") forbid(principal, action, resource);',
      'only a permit',
    ],
    ['redacts nothing', `@redact("") ${permit};`, 'names no path'],
    [
      'asks people about the past',
      '@approval("single") @approvers("x") permit(principal, action == Action::"tool.result", resource);',
      'cannot be approved',
    ],
    ['looks at what it asks for', `${asks} ${permit} when { !context.approved };`, 'context.approved'],
    ['looks at it unnoticed', `${asks} ${permit} unless { context == {approved: true} };`, 'as a whole'],
    ['reminds nobody', `@remind("PT10M") ${permit};`, '@remind needs @approval'],
    ['expires on its own', `@approval("none") @expires("PT10M") ${permit};`, '@expires needs @approval'],
    ['gives a forbid time', '@expires("PT1H") forbid(principal, action, resource);', 'only a permit'],
    ['misspells a duration', `${asks} @remind("10 min") ${permit};`, '@remind must be a duration like PT10M'],
    ['gives no time at all', `${asks} @expires("PT0S") ${permit};`, '@expires must be a duration like PT10M'],
    ['gives no duration', `${asks} @expires ${permit};`, '@expires must be a duration like PT10M'],
    ['gives more than a year', `${asks} @expires("P53W") ${permit};`, 'at most 366 days'],
    ['reminds too late', `${asks} @remind("PT2H") @expires("PT2H") ${permit};`, '@remind has to come before'],
    ['reminds the day after', `${asks} @remind("P1D") ${permit};`, 'without @expires is PT24H'],
    ['escalates to nobody', `${asks} @escalate(" ,") ${permit};`, '@escalate names no role'],
    ['escalates without saying to whom', `${asks} @escalateAfter("PT1H") ${permit};`, 'needs @escalate('],
    ['escalates to the same people', `${asks} @escalate("cfo, lead") ${permit};`, 'may vote anyway'],
    [
      'escalates too late',
      `${asks} @escalate("ceo") @escalateAfter("PT4H") @expires("PT2H") ${permit};`,
      '@escalateAfter has to come before @expires',
    ],
    [
      'grants what nobody answers',
      `${asks} @default("allow") ${permit};`,
      '@default is one of deny, fallback',
    ],
    ['misspells the escalation', `${asks} @escalateafter("PT1H") ${permit};`, 'not an annotation'],
    ['holds two policies under one id', `${permit}; ${permit};`, 'unexpected token'],
    ['is a template', 'permit(principal == ?principal, action, resource);', 'template'],
  ])('is refused when one %s', (_name, text, message) => {
    expect(
      one(text)
        .map((problem) => problem.message)
        .join(' | '),
    ).toContain(message);
  });

  test('is refused when two policies share an id', () => {
    const policies = [
      { id: 'a', text: `${permit};` },
      { id: 'a', text: `${permit};` },
    ];
    expect(checkBundle({ policies })).toMatchObject([{ path: 'policies[1].id' }]);
  });

  test.each([
    undefined,
    7,
    {},
    { policies: 'x' },
    { policies: [], extra: 1 },
    { policies: [{ id: '', text: '' }] },
  ])('is refused when its document is %j', (document) =>
    expect(checkBundle(document).length).toBeGreaterThan(0),
  );

  test('with a schema is refused when a policy does not fit it', () => {
    const schema =
      'entity Workflow; entity Tool = { effect: String }; action "tool.call" appliesTo { principal: Workflow, resource: Tool };';
    const bundle = (text: string) => checkBundle({ policies: [{ id: 'a', text }], schema });
    expect(bundle(`${permit} when { resource.effect == "read" };`)).toEqual([]);
    expect(bundle(`${permit} when { resource.efect == "read" };`)).toMatchObject([
      { path: 'policies[0].text', line: 1 },
    ]);
    expect(checkBundle({ policies: [], schema: 'entity' })).toMatchObject([{ path: 'schema' }]);
  });
});
