import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CaseFolder, wellAnswered, workflow } from '../test/case.folder.js';

let folder: CaseFolder;
beforeEach(() => {
  folder = new CaseFolder();
});
afterEach(() => folder.remove());

describe('a case that comes out as expected', () => {
  test('says what its run did', async () => {
    const tested = await folder.test(`${wellAnswered}
cases:
  - name: paid
    input: { id: o-1 }
    expect: { status: completed, success: true, output: { ref: p-1 }, path: [look, pay, tell] }`);
    expect(tested).toMatchObject({
      ok: true,
      workflow: 'desk@1',
      cases: [
        {
          name: 'paid',
          line: 8,
          problems: [],
          came: {
            run: { status: 'completed' },
            calls: [{ tool: 'desk.look' }, { tool: 'desk.pay' }, { tool: 'desk.tell' }],
          },
        },
      ],
    });
  });

  test('is played alone when it is named', async () => {
    const cases = ['one', 'two'].map(
      (name) => `  - { name: ${name}, input: { id: o }, expect: { status: completed } }`,
    );
    const tested = await folder.test(`${wellAnswered}\ncases:\n${cases.join('\n')}`, workflow(), 'two');
    expect(tested.played && tested.cases.map(({ name }) => name)).toEqual(['two']);
  });
});

describe('a case that comes out otherwise says what was expected, what came, and the line', () => {
  const expecting = (expect: string) =>
    folder.problems(
      `${wellAnswered}\ncases:\n  - name: paid\n    input: { id: o-1 }\n    expect:\n      ${expect}`,
    );

  test('status', async () => {
    expect(await expecting('status: failed')).toEqual([
      '11: cases[0].expect.status: expected "failed", got "completed"',
    ]);
  });
  test('output, at the field that differs', async () => {
    expect(await expecting('output: { ref: p-2 }')).toEqual([
      '11: cases[0].expect.output.ref: expected "p-2", got "p-1"',
    ]);
  });
  test('path', async () => {
    expect(await expecting('path: [look, tell]')).toEqual([
      '11: cases[0].expect.path[1]: expected ["look","tell"], got ["look","pay","tell"]',
    ]);
  });
  test('path, where a step failed', async () => {
    expect(await expecting('path: [look, pay: failed]')).toEqual([
      '11: cases[0].expect.path[1]: expected ["look","pay: failed"], got ["look","pay","tell"]',
    ]);
  });
  test('calls', async () => {
    expect(await expecting('calls: [{ tool: desk.look }]')).toEqual([
      '11: cases[0].expect.calls: expected ["desk.look"], got ["desk.look","desk.pay","desk.tell"]',
    ]);
  });
  test('arguments of a call', async () => {
    const calls =
      'calls: [{ tool: desk.look }, { tool: desk.pay, arguments: { id: o-1, amount: 8 } }, { tool: desk.tell }]';
    expect(await expecting(calls)).toEqual([
      '11: cases[0].expect.calls[1].arguments.amount: expected 8, got 7',
    ]);
  });
  test('a tool that must not be called', async () => {
    expect(await expecting('forbidden: [desk.tell]')).toEqual([
      '11: cases[0].expect.forbidden[0]: desk.tell must not be called, and tell called it with {"id":"o-1"}',
    ]);
  });
  test('failure', async () => {
    expect(await expecting('failure: { class: domain }')).toEqual([
      '11: cases[0].expect.failure: expected {"class":"domain"}, got nothing',
    ]);
  });
  test('what people were asked', async () => {
    expect(await expecting('asked: [{ step: pay }]')).toEqual([
      '11: cases[0].expect.asked[0]: expected ["pay"], got none',
    ]);
  });
});

describe('a file is refused, and nothing is played, when', () => {
  const refusedFor = async (cases: string) => {
    const tested = await folder.test(cases);
    expect(tested.played).toBe(false);
    return tested.played ? [] : tested.problems.map(({ path, message }) => `${path}: ${message}`);
  };

  test('a case asserts nothing', async () => {
    expect(await refusedFor('cases:\n  - { name: idle, input: { id: o }, expect: {} }')).toEqual([
      'cases[0].expect: the case asserts nothing: say what is expected, for example its status',
    ]);
  });
  test('a field is unknown', async () => {
    expect(await refusedFor('cases:\n  - { name: a, input: 1, expect: { statsu: completed } }')).toEqual([
      'cases[0].expect.statsu: unknown field "statsu"',
    ]);
  });
  test('an answer says nothing', async () => {
    const [problem] = await refusedFor(
      'cases:\n  - { name: a, input: 1, tools: [{ tool: t }], expect: { status: failed } }',
    );
    expect(problem).toBe('cases[0].tools[0].output: is required');
  });
  test('two cases have one name', async () => {
    const one = '  - { name: a, input: { id: o }, expect: { status: failed } }';
    expect(await refusedFor(`cases:\n${one}\n${one}`)).toEqual([
      'cases[1].name: another case has the name "a"',
    ]);
  });
  test('verdicts stand beside policies', async () => {
    const one = '  - { name: a, input: { id: o }, verdicts: [{ deny: no }], expect: { status: failed } }';
    expect(await refusedFor(`policies: modules\ncases:\n${one}`)).toEqual([
      'cases[0].verdicts: policies answer in this file: leave out either verdicts or policies',
    ]);
  });
  test('its workflow does not compile: with the lines of the workflow', async () => {
    const tested = await folder.test(
      `${wellAnswered}\ncases:\n  - { name: a, input: { id: o }, expect: { status: failed } }`,
      workflow('  more: { needs: [pay], tool: desk.unknown }'),
    );
    expect(tested).toMatchObject({
      of: expect.stringMatching(/desk\.workflow\.yaml$/),
      problems: [{ line: 11, path: 'steps.more.tool', message: 'there is no tool "desk.unknown"' }],
    });
  });
  test('a policy cannot be read', async () => {
    const one = '  - { name: a, input: { id: o }, expect: { status: failed } }';
    const [problem] = await refusedFor(`policies: [./none.cedar]\ncases:\n${one}`);
    expect(problem).toMatch(/^policies\[0\]: \.\/none\.cedar cannot be read: ENOENT/);
  });
});
