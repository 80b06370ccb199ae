// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { compiledStepsIn } from '@interlock/contracts';
import { describe, expect, test } from 'vitest';
import { compileWorkflow } from './compile.js';
import { everyStepIn, stepsByName } from './compiled.walk.js';
import { flowOf } from './flow.js';
import { influencersOf } from './influence.static.js';
import { catalogue } from './refund.fixture.js';
import { order, problemsOf, steps } from './refusal.fixture.js';

const compiled = (text: string) => {
  const result = compileWorkflow(steps(text), catalogue);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.workflow;
};

const mail = 'tool: mail.send, with: { to: "${steps.order.output.email}", body: "${line.sku}" }';
const forEach = `${order}  lines:
    needs: [order]
    forEach: { in: "\${steps.order.output.items}", as: line, concurrency: 5, failAfter: 5 % }
    steps:
      send: { ${mail} }
    output: "\${line.sku}"
`;

describe('a document with bodies', () => {
  test('compiles with every step in its place', () => {
    const { steps: found, inputs } = compiled(forEach);
    expect(found.map(({ id, kind }) => [id, kind])).toEqual([
      ['order', 'tool'],
      ['lines', 'forEach'],
    ]);
    expect(found[1]).toMatchObject({
      forEach: { as: 'line', concurrency: 5, failAfter: { share: 0.05 } },
      body: { output: '${line.sku}', steps: [{ id: 'send', tool: 'mail.send' }] },
    });
    // What is called in a body is pinned like everything else.
    expect(Object.keys(inputs)).toContain('d'.repeat(64));
  });

  test('nests them', () => {
    const { steps: found } = compiled(
      `${order}  poll:
    needs: [order]
    repeat: { until: steps.route.output == null, max: 3, every: PT30S }
    steps:
      route:
        switch:
          - when: steps.order.output.total > 10
            steps: { find: { tool: refunds.find, with: { orderId: "\${steps.order.output.id}" } } }
          - otherwise: true
            steps: { pause: { wait: { for: 1s } } }
`,
    );
    expect(everyStepIn(found).map(({ id }) => id)).toEqual(['order', 'poll', 'route', 'find', 'pause']);
    // Whoever reads events without the language finds the same steps.
    expect(compiledStepsIn({ steps: found }).map(({ name, step }) => [name, step])).toEqual([
      ...stepsByName(found),
    ]);
  });

  test('knows the type of an item, and of what a body gives', () => {
    expect(problemsOf(steps(`${forEach.replace('body: "${line.sku}"', 'body: "${line.skew}"')}`))).toEqual([
      '11:81 steps.lines.steps.send.with.body: line.skew: line has no field "skew"',
    ]);
    expect(
      problemsOf(
        steps(
          `${forEach}  all:\n    needs: [lines]\n    when: steps.lines.output[0] > 3\n    wait: { for: 1s }`,
        ),
      ),
    ).toEqual(['15:11 steps.all.when: steps.lines.output[0] > 3: these do not go together: string > number']);
  });

  test.each<[string, string, string[]]>([
    [
      'an item outside of its body',
      `${forEach}  all: { needs: [lines], when: "line.sku == ''", wait: { for: 1s } }`,
      [
        '13:32 steps.all.when: line.sku == \'\': unknown name "line": an expression sees input, steps and run',
      ],
    ],
    [
      'a step in a body read from outside',
      `${forEach}  all: { needs: [lines], when: steps.send.output != null, wait: { for: 1s } }`,
      ['13:32 steps.all.when: steps.send.output != null: there is no step "send"'],
    ],
    [
      'a step around the body that has not ended',
      '  other: { wait: { for: 1s } }\n  lines:\n    forEach: { in: [1] }\n    steps: { a: { when: steps.other.status == "x", wait: { for: 1s } } }',
      [
        '9:25 steps.lines.steps.a.when: steps.other.status == "x": steps.other is not known here: add "other" to the needs of the step around this one',
      ],
    ],
    [
      'a need of a step outside of the body',
      `${order}  lines:\n    forEach: { in: [1] }\n    steps: { a: { needs: [order], wait: { for: 1s } } }`,
      ['9:27 steps.lines.steps.a.needs[0]: there is no step "order"'],
    ],
    [
      'one id for two steps of which one stands in the other',
      '  lines:\n    forEach: { in: [1] }\n    steps: { lines: { wait: { for: 1s } } }',
      ['8:14 steps.lines.steps.lines: a step around this one is called "lines" too: choose another id'],
    ],
    [
      'a list that is none',
      '  lines:\n    forEach: { in: "${input.amount}" }\n    steps: { a: { wait: { for: 1s } } }',
      ['7:20 steps.lines.forEach.in: must be a list, or an expression that gives one'],
    ],
    [
      'a name for items that means something else',
      '  lines:\n    forEach: { in: [1], as: input }\n    steps: { a: { wait: { for: 1s } } }',
      ['7:29 steps.lines.forEach.as: "input" has a meaning of its own: choose another'],
    ],
    [
      'two branches that call a step the same, whose path then would not say which one it is',
      '  route:\n    switch:\n      - { when: "true", steps: { a: { wait: { for: 1s } } } }\n      - { otherwise: true, steps: { a: { wait: { for: 2s } } } }',
      ['9:37 steps.route.switch[1].steps.a: another branch has a step "a" too: choose another id'],
    ],
    [
      'a branch behind the one that is always taken',
      '  route:\n    switch:\n      - { otherwise: true, steps: { a: { wait: { for: 1s } } } }\n      - { when: "true", steps: { b: { wait: { for: 1s } } } }',
      ['8:22 steps.route.switch[0].otherwise: must be the last branch: those behind it would never be taken'],
    ],
    [
      'a circle in a body',
      '  lines:\n    forEach: { in: [1] }\n    steps:\n      a: { needs: [b], wait: { for: 1s } }\n      b: { needs: [a], wait: { for: 1s } }',
      ['9:7 steps.lines.steps.a: steps wait for each other in a circle: a -> b -> a'],
    ],
    [
      'a condition of a repeat over a step that is not in it',
      '  poll:\n    repeat: { until: steps.gone.output, max: 2 }\n    steps: { a: { wait: { for: 1s } } }',
      ['7:22 steps.poll.repeat.until: steps.gone.output: there is no step "gone"'],
    ],
    [
      'bodies nested too deeply',
      nested(9),
      [
        `${3 + 9 * 3}:${8 + 9 * 3} ${[...Array(9).keys()].map((at) => `steps.s${at}`).join('.')}: bodies are nested deeper than 8 levels`,
      ],
    ],
  ])('is refused with %s', (_name, text, problems) => {
    expect(problemsOf(steps(text))).toEqual(problems);
  });
});

function nested(levels: number): string {
  const inner = (at: number): string => {
    const pad = ' '.repeat(2 + at * 4);
    if (at === levels) return `${pad}last: { wait: { for: 1s } }\n`;
    return `${pad}s${at}:\n${pad}  forEach: { in: [1], as: i${at} }\n${pad}  steps:\n${inner(at + 1)}`;
  };
  return inner(0);
}

describe('what a model influences in bodies', () => {
  const agent = (id: string) =>
    `${id}: { agent: { goal: g, tools: [], baseline: { decide: { table: refund-rules, with: { days: 1 } } }, output: { type: object } } }`;

  test('follows from what leads to the step around them, and from the steps in them', () => {
    const workflow = compiled(
      `${order}  lines:
    needs: [order]
    forEach: { in: "\${steps.order.output.items}" }
    steps:
      early: { wait: { for: 1s } }
      ${agent('decide')}
      late: { needs: [decide], wait: { for: 1s } }
  behind: { needs: [lines], wait: { for: 1s } }
`,
    );
    const { steps: found } = influencersOf(workflow);
    expect(Object.fromEntries(found)).toEqual({ 'lines/late': ['lines/decide'], behind: ['lines/decide'] });
    expect(flowOf(workflow).steps.get('lines/late')).toMatchObject({ within: 'lines', isLooped: true });
  });

  test('reaches every step of a repeat, since a pass follows from the one before it', () => {
    const { steps: found } = influencersOf(
      compiled(
        `  poll:
    repeat: { until: steps.late.status == "x", max: 2 }
    steps:
      early: { wait: { for: 1s } }
      ${agent('decide')}
      late: { needs: [decide], wait: { for: 1s } }
`,
      ),
    );
    expect(Object.fromEntries(found)).toEqual({
      'poll/early': ['poll/decide'],
      'poll/decide': ['poll/decide'],
      'poll/late': ['poll/decide'],
    });
  });
});

test('a budget for a tool that no step calls is refused', () => {
  const text = `${order}budget: { calls: { orders.get: 3, mail.send: 1 } }\n`;
  expect(problemsOf(steps(text))).toEqual([
    '7:46 budget.calls.mail.send: no step calls the tool "mail.send"',
  ]);
});
