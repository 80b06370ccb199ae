// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CaseFolder, wellAnswered, workflow } from '../../test/case.folder.js';

let folder: CaseFolder;
beforeEach(() => {
  folder = new CaseFolder();
});
afterEach(() => folder.remove());

/** The problems of one case. */
const problemsOf = (body: string, document?: string) =>
  folder.problems(`cases:\n  - name: one\n    input: { id: o-1 }\n${body}`, document);

const look = '{ tool: desk.look, output: { amount: 7 } }';
const pay = '{ tool: desk.pay, output: { ref: p-1 }, compensate: { ref: p-1 } }';
const tell = '{ tool: desk.tell, output: {} }';

describe('tools', () => {
  test('one without an answer is named, with its step and what it was called with', async () => {
    expect(await problemsOf(`    tools: [${look}]\n    expect: { status: completed }`)).toContain(
      '6: cases[0].tools: pay calls desk.pay with {"id":"o-1","amount":7}, and no answer under tools fits: add {tool: desk.pay, output: ...}',
    );
  });

  test('answers that are used up are told apart from missing ones', async () => {
    const [problem] = await problemsOf(
      `    tools: [{ tool: desk.look, failure: { class: transient }, times: 2 }]\n    expect: { status: completed }`,
    );
    expect(problem).toBe(
      '6: cases[0].tools: look calls desk.look with {"id":"o-1"}, and its answers are used up (2 times): add another, or raise times',
    );
  });

  test('an answer that was never used is a problem: the case says what never happens', async () => {
    const tools = `[${look}, ${pay}, ${tell}, { tool: desk.undo, output: {} }]`;
    expect(await problemsOf(`    tools: ${tools}\n    expect: { status: completed }`)).toEqual([
      '6: cases[0].tools[3]: it was never used: nothing came that it fits',
    ]);
  });

  test('an output that its tool could not give is refused', async () => {
    const [problem] = await problemsOf(
      `    tools: [{ tool: desk.look, output: { amount: "7" } }]\n    expect: { status: completed }`,
    );
    expect(problem).toMatch(
      /^6: cases\[0\]\.tools\[0\]\.output: desk\.look could not give this, by its output schema: amount: /,
    );
  });

  test('a failure of its class is retried, or not', async () => {
    const tools = `[${look}, { tool: desk.pay, failure: { class: rate_limited, retryAfter: PT30S }, times: 1 }, ${pay}, ${tell}]`;
    const calls = '[{ tool: desk.look }, { tool: desk.pay, attempts: 2 }, { tool: desk.tell }]';
    expect(
      await problemsOf(`    tools: ${tools}\n    expect: { status: completed, calls: ${calls} }`),
    ).toEqual([]);
    const domain = `[${look}, { tool: desk.pay, failure: { class: domain, code: broke } }]`;
    const failure = '{ class: domain, code: broke, step: pay }';
    expect(
      await problemsOf(
        `    tools: ${domain}\n    expect: { status: failed, failure: ${failure}, path: [look, { pay: failed }] }`,
      ),
    ).toEqual([]);
  });

  test('a write that takes longer than it may is in doubt, and its verification is asked', async () => {
    const slow = '{ tool: desk.pay, output: { ref: p-1 }, compensate: { ref: p-1 }, takes: PT1M, times: 1 }';
    const find =
      '{ tool: desk.find, output: { found: true, output: { ref: p-1 } }, compensate: { ref: p-1 } }';
    const calls =
      '[{ tool: desk.look }, { tool: desk.pay, attempts: 1 }, { tool: desk.find, purpose: verify }, { tool: desk.tell }]';
    expect(
      await problemsOf(
        `    tools: [${look}, ${slow}, ${find}, ${tell}]\n    expect: { status: completed, calls: ${calls} }`,
      ),
    ).toEqual([]);
  });

  test('a write in doubt that nothing can clear up waits for a person, who says that it did not happen', async () => {
    const tools = `[${look}, ${pay}, { tool: desk.tell, unknown: cut off, times: 1 }, ${tell}]`;
    const commands = '[{ retry: tell, after: PT1H, by: { sub: olga, roles: [operator] } }]';
    expect(
      await problemsOf(
        `    tools: ${tools}\n    commands: ${commands}\n    expect: { status: completed, path: [look, pay, tell] }`,
      ),
    ).toEqual([]);
  });

  test('a run that has failed is taken up again, and one that nobody has to look at is not closed', async () => {
    const down = '{ tool: desk.tell, failure: { class: domain, code: down }, times: 1 }';
    const undone = '{ tool: desk.undo, output: {} }';
    const again = '{ resume: true, from: look, after: PT1H, reason: "it is back" }';
    const tools = `[{ tool: desk.look, failure: { class: domain, code: down }, times: 1 }, ${look}, ${pay}, ${tell}]`;
    expect(
      await problemsOf(
        `    tools: ${tools}\n    commands: [{ close: true, after: PT1M, refused: run.not_escalated }, ${again}]\n    expect: { status: completed, output: { ref: p-1 } }`,
      ),
    ).toEqual([]);
    expect(
      await problemsOf(
        `    tools: [${look}, ${pay}, ${down}, ${undone}]\n    commands: [{ resume: true, from: tell, after: PT1H, refused: run.ended }]\n    expect: { status: rolled_back }`,
      ),
    ).toEqual([]);
  });

  test('a run that ends nowhere is watched as long as the case says', async () => {
    const tools = `[${look}, ${pay}, { tool: desk.tell, unknown: cut off }]`;
    const waits = 'waitingFor: [{ kind: operator, step: tell }]';
    expect(
      await problemsOf(`    until: PT1H\n    tools: ${tools}\n    expect: { status: waiting, ${waits} }`),
    ).toEqual([]);
  });

  test('what turns out late is taken', async () => {
    const late =
      '{ tool: desk.pay, unknown: cut off, late: { after: PT1S, output: { ref: p-9 }, compensate: { ref: p-9 } } }';
    expect(
      await problemsOf(
        `    tools: [${look}, ${late}, ${tell}]\n    expect: { status: completed, output: { ref: p-9 } }`,
      ),
    ).toEqual([]);
  });

  test('a rollback needs to know what undoes a write', async () => {
    const tools = `[${look}, { tool: desk.pay, output: { ref: p-1 } }, { tool: desk.tell, failure: { class: domain } }]`;
    expect(await problemsOf(`    tools: ${tools}\n    expect: { status: rolled_back }`)).toContain(
      '6: cases[0].tools[1]: the run rolls back, and the answer of desk.pay to pay does not say what undoes it: add compensate, the arguments of the compensating call',
    );
    const undone = `[${look}, ${pay}, { tool: desk.tell, failure: { class: domain } }, { tool: desk.undo, output: {} }]`;
    expect(await problemsOf(`    tools: ${undone}\n    expect: { status: rolled_back }`)).toEqual([]);
  });
});

describe('verdicts', () => {
  test('a denial fails the step', async () => {
    const body = `    tools: [${look}]\n    verdicts: [{ tool: desk.pay, deny: too much }]`;
    expect(
      await problemsOf(
        `${body}\n    expect: { status: failed, failure: { class: denied, code: policy.before, message: too much } }`,
      ),
    ).toEqual([]);
  });

  test('a run that has failed took as long as until it failed, however long it can be taken up again', async () => {
    const tested = await folder.test(
      `cases:\n  - { name: denied, input: { id: o }, tools: [${look}], verdicts: [{ tool: desk.pay, deny: no }], expect: { status: failed } }`,
    );
    expect(tested).toMatchObject({ cases: [{ came: { tookMs: 0 } }] });
  });

  test('an approval is asked for, by the rules of approvals', async () => {
    const asks = '{ step: pay, approval: { required: dual, approvers: [lead] } }';
    const vote = (sub: string, more = '') =>
      `{ step: pay, by: { sub: ${sub}, roles: [lead] }, vote: approve${more} }`;
    const votes = `[${vote('ada')}, ${vote('ada', ', refused: already_voted')}, ${vote('ben')}]`;
    const body = `    tools: [${look}, ${pay}, ${tell}]\n    verdicts: [${asks}]\n    votes: ${votes}`;
    const asked = '[{ step: pay, required: dual, approvers: [lead], outcome: granted }]';
    expect(await problemsOf(`${body}\n    expect: { status: completed, asked: ${asked} }`)).toEqual([]);
  });

  test('a vote that is refused is a problem, unless the case says so', async () => {
    const asks = '{ step: pay, approval: { required: single, approvers: [lead] } }';
    const votes = '[{ by: { sub: eve, roles: [clerk] }, vote: approve }]';
    const body = `    tools: [${look}]\n    verdicts: [${asks}]\n    votes: ${votes}`;
    const [problem] = await problemsOf(`${body}\n    expect: { status: failed }`);
    expect(problem).toMatch(/^8: cases\[0\]\.votes\[0\]: the vote of eve was refused: /);
  });

  test('a vote that nobody asked for is a problem', async () => {
    const body = `    tools: [${look}, ${pay}, ${tell}]\n    votes: [{ by: { sub: ada }, vote: deny }]`;
    expect(await problemsOf(`${body}\n    expect: { status: completed }`)).toEqual([
      '7: cases[0].votes[0]: the vote of ada was not cast: nobody asked for it while the request was open',
    ]);
  });

  test('policies of the modules answer in their place', async () => {
    const cases = (amount: number, expected: string) =>
      folder.problems(`policies: modules\ncases:
  - name: one
    input: { id: o-1 }
    tools: [{ tool: desk.look, output: { amount: ${amount} } }${amount > 100 ? '' : `, ${pay}, ${tell}`}]
    expect: ${expected}`);
    expect(
      await cases(101, '{ status: failed, failure: { code: policy.before, message: no-large } }'),
    ).toEqual([]);
    expect(await cases(99, '{ status: completed }')).toEqual([]);
  });
});

describe('forms', () => {
  const asking = workflow(
    '  answer: { needs: [tell], form: { question: "Where?", roles: [desk], expires: PT4H, schema: { type: object, required: [city] } } }',
  );
  const tools = `    tools: [${look}, ${pay}, ${tell}]\n`;

  test('are answered by people once they are asked', async () => {
    const value = 'value: { city: Basel }';
    const answers = `[{ step: answer, by: { sub: eve }, ${value}, refused: form.role }, { step: answer, by: { sub: dora, roles: [desk] }, ${value}, after: PT1H }]`;
    expect(
      await problemsOf(
        `${tools}    forms: ${answers}\n    expect: { path: [look, pay, tell, answer] }`,
        asking,
      ),
    ).toEqual([]);
  });

  test('that nobody answers expire', async () => {
    const undone = `    tools: [${look}, ${pay}, ${tell}, { tool: desk.undo, output: {} }]\n`;
    const path = '[look, pay, tell, { answer: failed }]';
    expect(await problemsOf(`${undone}    expect: { path: ${path} }`, asking)).toEqual([]);
  });
});

describe('questions of models', () => {
  const desk = `
workflow: desk
version: 1
purpose: Find out the size.
input: { type: object, properties: { id: { type: string } } }
steps:
  size:
    agent:
      goal: Find out the size.
      tools: []
      ask: { to: carla, channel: signal, within: PT4H }
      baseline: { decide: sizes }
`;
  const model = '    model: { level: assisted }\n';
  const question = '{ step: size, question: "Which size?", times: 1 }';

  test('are answered by whom they are for, once they are asked', async () => {
    const plans = `    plans: [${question}, { step: size, output: { size: 42 } }]\n`;
    const replies =
      '[{ step: size, by: { sub: mallory }, text: "1", refused: question.person }, { step: size, by: { sub: carla }, text: "42", after: PT1H }]';
    const expected = 'expect: { status: completed, output: { size: { size: 42 } } }';
    expect(await problemsOf(`${model}${plans}    replies: ${replies}\n    ${expected}`, desk)).toEqual([]);
  });

  test('that nobody answers are told to the model as that', async () => {
    const plans = `    plans: [${question}, { step: size, output: { size: 40 } }]\n`;
    const expected = 'expect: { status: completed, output: { size: { size: 40 } } }';
    expect(await problemsOf(`${model}${plans}    ${expected}`, desk)).toEqual([]);
  });
});

describe('the clock and what comes from outside', () => {
  const waiting = workflow(
    '  answer: { needs: [tell], wait: { signal: answered, deadline: PT4H }, onFailure: { value: none } }',
  );

  test('a signal is taken at its time, from whoever the case names', async () => {
    const signals = '[{ name: answered, after: PT1H, data: { yes: true }, by: { sub: kim } }]';
    expect(
      await problemsOf(
        `    tools: [${look}, ${pay}, ${tell}]\n    signals: ${signals}\n    expect: { path: [look, pay, tell, answer] }`,
        waiting,
      ),
    ).toEqual([]);
  });

  test('without it the deadline passes at once on the clock of the case', async () => {
    const tested = await folder.test(
      `${wellAnswered}\ncases:\n  - { name: silent, input: { id: o }, clock: 2026-03-01T08:00:00Z, expect: { status: completed, path: [look, pay, tell, { answer: fell_back }, answer] } }`,
      waiting,
    );
    expect(tested).toMatchObject({ cases: [{ came: { tookMs: 4 * 3_600_000 } }] });
  });

  test('a signal that no step waits for is refused', async () => {
    const [problem] = await problemsOf(
      `    tools: [${look}, ${pay}, ${tell}]\n    signals: [{ name: unheard }]\n    expect: { status: completed }`,
    );
    expect(problem).toMatch(
      /^7: cases\[0\]\.signals\[0\]: it was refused: no step of this workflow waits for a signal unheard/,
    );
  });

  test('a cancel with rollback undoes what was written', async () => {
    const tools = `[${look}, ${pay}, { tool: desk.tell, failure: { class: transient } }, { tool: desk.undo, output: {} }]`;
    const commands = '[{ cancel: with-rollback, after: PT0.1S }]';
    expect(
      await problemsOf(`    tools: ${tools}\n    commands: ${commands}\n    expect: { status: rolled_back }`),
    ).toEqual([]);
  });

  test('a command for a step that never waits is a problem', async () => {
    expect(
      await problemsOf(
        `    tools: [${look}, ${pay}, ${tell}]\n    commands: [{ skip: pay }]\n    expect: { status: completed }`,
      ),
    ).toEqual(['7: cases[0].commands[0]: it was not given: pay never waited for a person']);
  });

  test('an input that the workflow does not take is refused as the gateway refuses it', async () => {
    const problems = await folder.problems(
      'cases:\n  - { name: a, input: { ids: 1 }, expect: { path: [] } }',
    );
    expect(problems[0]).toMatch(/^4: cases\[0\]\.input: the workflow does not take it: /);
  });
});

describe('runs inside of runs, and turns of loops', () => {
  test('a child runs by the same cores: its steps are named by the step that has started it', async () => {
    const child = workflow(
      '  ok: { needs: [tell], approval: { question: "Fine?", approvers: [lead] } }',
    ).replace('workflow: desk', 'workflow: inner');
    const parent = workflow('  more: { needs: [tell], workflow: inner, with: { id: "${input.id}-2" } }');
    const cases = `cases:
  - name: one
    input: { id: o-1 }
    tools: [${look}, ${pay}, ${tell}]
    votes: [{ step: more/ok, by: { sub: ada, roles: [lead] }, vote: approve, after: PT1H }]
    expect:
      status: completed
      path: [look, pay, tell, more/look, more/pay, more/tell, more/ok, more]
      asked: [{ step: more/ok, outcome: granted }]
      calls:
        - { tool: desk.look, step: look }
        - { tool: desk.pay, step: pay }
        - { tool: desk.tell, step: tell }
        - { tool: desk.look, step: more/look, arguments: { id: o-1-2 } }
        - { tool: desk.pay, step: more/pay }
        - { tool: desk.tell, step: more/tell }`;
    expect(await folder.problemsWith(cases, parent, [child])).toEqual([]);
  });

  test('what a child wrote is undone with its parent', async () => {
    const child = workflow()
      .replace('workflow: desk', 'workflow: inner')
      .replace(/ {2}tell: .*\n/, '');
    const parent = `
workflow: desk
version: 1
purpose: Start another.
input: { type: object }
steps:
  more: { workflow: inner, with: { id: a } }
  tell: { needs: [more], tool: desk.tell, with: { id: a }, onFailure: fail }
`;
    const cases = `cases:
  - name: one
    input: {}
    tools: [${look}, ${pay}, { tool: desk.tell, failure: { class: domain } }, { tool: desk.undo, output: {} }]
    expect: { status: rolled_back, path: [more/look, more/pay, more, { tell: failed }] }`;
    expect(await folder.problemsWith(cases, parent, [child])).toEqual([]);
  });

  test('items are named by their place, and answers may be for every one of them', async () => {
    const loop = `
workflow: desk
version: 1
purpose: Pay every line.
input: { type: object, properties: { lines: { type: array, items: { type: string } } } }
steps:
  lines:
    forEach: { in: "\${input.lines}", as: line, concurrency: 1 }
    steps:
      pay: { tool: desk.look, with: { id: "\${line}" } }
`;
    const cases = `cases:
  - name: one
    input: { lines: [a, b] }
    tools:
      - { tool: desk.look, step: "lines[1]/pay", output: { amount: 2 } }
      - { tool: desk.look, step: "lines[*]/pay", output: { amount: 1 } }
    expect:
      status: completed
      path: ["lines[0]/pay", "lines[1]/pay", lines]
      calls:
        - { tool: desk.look, step: "lines[0]/pay", arguments: { id: a } }
        - { tool: desk.look, step: "lines[1]/pay", arguments: { id: b } }`;
    expect(await folder.problems(cases, loop)).toEqual([]);
  });

  test('an operator who knows what became of a call says so', async () => {
    const tools = `[${look}, ${pay}, { tool: desk.tell, unknown: cut off, times: 1 }]`;
    const commands = '[{ resolve: tell, happened: true, output: {}, after: PT1H }]';
    expect(
      await problemsOf(
        `    tools: ${tools}\n    commands: ${commands}\n    expect: { status: completed, path: [look, pay, tell] }`,
      ),
    ).toEqual([]);
  });
});
