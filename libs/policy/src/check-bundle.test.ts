import { describe, expect, test } from 'vitest';
import { checkBundle } from './check-bundle.js';

const permit = 'permit(principal, action == Action::"tool.call", resource)';
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
