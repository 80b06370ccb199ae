// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { expect, test } from 'vitest';
import { compileWorkflow } from './compile.js';
import { catalogue } from './refund.fixture.js';

const head = `workflow: w
version: 1
purpose: p
input: { type: object, properties: { orderId: { type: string }, amount: { type: number } } }
`;

/** `line:column path: message` of every problem, without the position where the text gives none. */
const problemsOf = (source: unknown): string[] => {
  const result = compileWorkflow(source, catalogue);
  if (result.ok) return ['compiles'];
  return result.problems.map(
    ({ path, message, line, column }) =>
      `${line === undefined ? '' : `${line}:${column} `}${path === '' ? '' : `${path}: `}${message}`,
  );
};

const steps = (text: string): string => `${head}steps:\n${text}`;
const order = '  order: { tool: orders.get, with: { orderId: "${input.orderId}" } }\n';

test.each<[string, string, string[]]>([
  [
    'text that is not YAML',
    'a: [1',
    ['1:6 Flow sequence in block collection must be sufficiently indented and end with a ]'],
  ],
  [
    'a list',
    '- a',
    ['1:1 a workflow document is an object with workflow, version, purpose, input and steps'],
  ],
  [
    'an empty document',
    '',
    ['a workflow document is an object with workflow, version, purpose, input and steps'],
  ],
  [
    'missing fields',
    'workflow: w\nsteps: { a: { wait: { for: 1s } } }',
    ['1:1 version: is required', '1:1 purpose: is required', '1:1 input: is required'],
  ],
  [
    'an unknown field',
    `${head}colour: red\nsteps: { a: { wait: { for: 1s } } }`,
    ['5:9 colour: unknown field "colour"'],
  ],
  [
    'a wrong type',
    `${head.replace('version: 1', 'version: one')}steps: { a: { wait: { for: 1s } } }`,
    ['2:10 version: must be a number, not a string'],
  ],
  ['no steps', `${head}steps: {}`, ['5:1 steps: a workflow needs at least one step']],
  ['a step defined twice', steps(`${order}${order}`), ['7:3 steps.order: "order" is defined twice']],
  [
    'a step without a kind',
    steps('  a: { needs: [] }'),
    ['6:3 steps.a: step "a" needs one of tool, decide, wait'],
  ],
  [
    'a step of two kinds',
    steps('  a: { tool: orders.get, wait: { for: 1s } }'),
    ['6:3 steps.a: step "a" is of one kind only, not both tool and wait'],
  ],
  [
    'an agent step',
    steps('  a:\n    agent: { goal: g }'),
    [
      '6:3 steps.a: step "a" is of kind "agent", which this version does not run yet; it runs tool, decide, wait',
    ],
  ],
  [
    'an approval step',
    steps('  a:\n    approval: { question: q }'),
    [
      '6:3 steps.a: step "a" is of kind "approval", which this version does not run yet; it runs tool, decide, wait',
    ],
  ],
  [
    'a forEach step',
    steps('  a:\n    forEach: {}'),
    [
      '6:3 steps.a: step "a" is of kind "forEach", which this version does not run yet; it runs tool, decide, wait',
    ],
  ],
  [
    'a repeat step',
    steps('  a:\n    repeat: {}'),
    [
      '6:3 steps.a: step "a" is of kind "repeat", which this version does not run yet; it runs tool, decide, wait',
    ],
  ],
  [
    'a child workflow',
    steps('  a:\n    workflow: {}'),
    [
      '6:3 steps.a: step "a" is of kind "workflow", which this version does not run yet; it runs tool, decide, wait',
    ],
  ],
  [
    'an unknown field of a step',
    steps('  a:\n    wait: { for: 1s }\n    retries: 3'),
    ['8:14 steps.a.retries: unknown field "retries"'],
  ],
  [
    'a bad duration',
    steps('  a:\n    wait: { for: 10 minutes }'),
    ['7:18 steps.a.wait.for: must be a duration like PT10M, P1DT12H, 10s, 5m or 4h, at most 366 days'],
  ],
  [
    'a duration in months',
    steps('  a:\n    wait: { for: P1M }'),
    ['7:18 steps.a.wait.for: must be a duration like PT10M, P1DT12H, 10s, 5m or 4h, at most 366 days'],
  ],
  [
    'a wait with two conditions',
    steps('  a:\n    wait: { for: 1s, signal: s }'),
    ['7:30 steps.a.wait.signal: unknown field "signal"'],
  ],
  [
    'a signal without a deadline',
    steps('  a:\n    wait: { signal: s }'),
    ['7:5 steps.a.wait.deadline: is required'],
  ],
  [
    'a wait until no instant',
    steps('  a:\n    wait: { until: tomorrow }'),
    [
      '7:20 steps.a.wait.until: must be an instant like 2026-01-31T12:00:00Z, or an expression that gives one',
    ],
  ],
  [
    'an unknown need',
    steps('  a:\n    needs: [b]\n    wait: { for: 1s }'),
    ['7:13 steps.a.needs[0]: there is no step "b"'],
  ],
  [
    'a step that needs itself',
    steps('  a:\n    needs: [a]\n    wait: { for: 1s }'),
    ['7:13 steps.a.needs[0]: step "a" needs itself'],
  ],
  [
    'a cycle',
    steps(
      '  a: { needs: [c], wait: { for: 1s } }\n  b: { needs: [a], wait: { for: 1s } }\n  c: { needs: [b], wait: { for: 1s } }',
    ),
    ['6:3 steps.a: steps wait for each other in a circle: a -> b -> c -> a'],
  ],
  [
    'an unknown fallback',
    steps('  a:\n    wait: { for: 1s }\n    onFailure: { fallback: b }'),
    ['8:28 steps.a.onFailure.fallback: there is no step "b"'],
  ],
  [
    'a step that is its own fallback',
    steps('  a:\n    wait: { for: 1s }\n    onFailure: { fallback: a }'),
    ['8:28 steps.a.onFailure.fallback: step "a" cannot be its own fallback'],
  ],
  [
    'fallbacks of each other',
    steps(
      '  a: { wait: { for: 1s }, onFailure: { fallback: b } }\n  b: { wait: { for: 1s }, onFailure: { fallback: a } }',
    ),
    [
      '6:3 steps.a: steps wait for each other in a circle: a -> b -> a',
      '6:3 steps.a: step "a" is unreachable: it is only a fallback of steps that never start',
      '7:3 steps.b: step "b" is unreachable: it is only a fallback of steps that never start',
    ],
  ],
  [
    'a need of a fallback',
    steps(
      '  a: { wait: { for: 1s }, onFailure: { fallback: b } }\n  b: { wait: { for: 1s } }\n  c: { needs: [b], wait: { for: 1s } }',
    ),
    ['8:16 steps.c.needs[0]: "b" runs only as the fallback of "a": need that instead'],
  ],
  [
    'an unknown onFailure',
    steps('  a:\n    wait: { for: 1s }\n    onFailure: ignore'),
    ['8:16 steps.a.onFailure: must be "escalate" or "fail"'],
  ],
  [
    'an onFailure that says nothing',
    steps('  a:\n    wait: { for: 1s }\n    onFailure: {}'),
    ['8:5 steps.a.onFailure.fallback: is required'],
  ],
  [
    'a class that is never retried',
    steps('  a:\n    wait: { for: 1s }\n    retry: { denied: { attempts: 2 } }'),
    ['8:14 steps.a.retry.denied: unknown field "denied"'],
  ],
  [
    'no attempts',
    steps('  a:\n    wait: { for: 1s }\n    retry: { transient: { attempts: 0 } }'),
    ['8:37 steps.a.retry.transient.attempts: must be at least 1'],
  ],
  [
    'an attempt longer than the total',
    steps('  a:\n    tool: orders.get\n    with: { orderId: x }\n    timeout: { attempt: 2m, total: 1m }'),
    ['9:5 steps.a.timeout: one attempt (120000 ms) may not take longer than all (60000 ms)'],
  ],
  [
    'an attempt of a wait',
    steps('  a:\n    wait: { for: 1s }\n    timeout: { attempt: 2m }'),
    ['8:5 steps.a.timeout: only a tool step has attempts: write the total timeout'],
  ],
  [
    'a budget of nothing',
    `${head}budget: { tokens: 0, costUsd: -1, steps: 1.5 }\nsteps: { a: { wait: { for: 1s } } }`,
    [
      '5:19 budget.tokens: must be at least 1',
      '5:31 budget.costUsd: must be more than 0',
      '5:42 budget.steps: must be a whole number',
    ],
  ],
  [
    'an unknown stage',
    `${head}sla: { stages: { b: 1s } }\nsteps: { a: { wait: { for: 1s } } }`,
    ['5:21 sla.stages.b: there is no step "b"'],
  ],
  [
    'an unknown tool',
    steps('  a:\n    tool: orders.gte'),
    ['7:11 steps.a.tool: there is no tool "orders.gte"'],
  ],
  [
    'an unknown version of a tool',
    steps('  a:\n    tool: orders.get@9\n    with: { orderId: x }'),
    ['7:11 steps.a.tool: there is no tool "orders.get@9"'],
  ],
  [
    'a write tool without recovery',
    steps('  a:\n    tool: ledger.write'),
    ['7:11 steps.a.tool: the write tool "ledger.write" has no recovery mode'],
  ],
  [
    'an unknown table',
    steps('  a:\n    decide: refund-rules@7'),
    ['7:13 steps.a.decide: there is no decision table "refund-rules@7"'],
  ],
  [
    'missing and unknown arguments',
    steps('  a:\n    tool: refunds.create\n    with: { order: "1", amount: 2 }'),
    [
      '8:5 steps.a.with.orderId: "orderId" is required by the tool\'s input schema',
      '8:20 steps.a.with.order: the tool\'s input has no field "order"',
    ],
  ],
  [
    'arguments of the wrong type',
    steps('  a:\n    tool: refunds.create\n    with:\n      orderId: "${input.amount}"\n      amount: -2'),
    [
      "9:16 steps.a.with.orderId: the tool's input wants string here, this gives a number",
      "10:15 steps.a.with.amount: -2 must be > 0 (the tool's input schema)",
    ],
  ],
  [
    'a syntax error in an expression',
    steps('  a:\n    when: input.amount >\n    wait: { for: 1s }'),
    ['7:11 steps.a.when: input.amount >: Unexpected token: EOF at character 15'],
  ],
  [
    'an expression that is not closed',
    steps('  a:\n    tool: orders.get\n    with: { orderId: "${input.orderId" }'),
    ['8:22 steps.a.with.orderId: input.orderId: the expression is never closed by a "}"'],
  ],
  [
    'a type error',
    steps('  a:\n    when: input.amount + input.orderId == "x"\n    wait: { for: 1s }'),
    ['7:11 steps.a.when: input.amount + input.orderId == "x": these do not go together: number + string'],
  ],
  [
    'a condition that is no condition',
    steps('  a:\n    when: input.amount * 2\n    wait: { for: 1s }'),
    ['7:11 steps.a.when: input.amount * 2: a condition must give true or false, this gives a number'],
  ],
  [
    'an undeclared field of the input',
    steps('  a:\n    when: input.amuont > 1\n    wait: { for: 1s }'),
    ['7:11 steps.a.when: input.amuont > 1: input has no field "amuont"'],
  ],
  [
    'an undeclared field of an output',
    steps(`${order}  a:\n    needs: [order]\n    when: steps.order.output.totl > 1\n    wait: { for: 1s }`),
    ['9:11 steps.a.when: steps.order.output.totl > 1: steps.order.output has no field "totl"'],
  ],
  [
    'an unknown name',
    steps('  a:\n    when: amount > 1\n    wait: { for: 1s }'),
    ['7:11 steps.a.when: amount > 1: unknown name "amount": an expression sees input, steps and run'],
  ],
  [
    'an unknown step in an expression',
    steps('  a:\n    when: steps.ordr.output.total > 1\n    wait: { for: 1s }'),
    ['7:11 steps.a.when: steps.ordr.output.total > 1: there is no step "ordr"'],
  ],
  [
    'a step that is not needed',
    steps(`${order}  a:\n    when: steps.order.output.total > 1\n    wait: { for: 1s }`),
    [
      '8:11 steps.a.when: steps.order.output.total > 1: steps.order is not known here: add "order" to the step\'s needs',
    ],
  ],
  [
    'a hyphen after a dot',
    steps(
      '  b-c: { wait: { for: 1s } }\n  a:\n    needs: [b-c]\n    when: steps.b-c.status == "completed"\n    wait: { for: 1s }',
    ),
    ['9:11 steps.a.when: steps.b-c.status == "completed": a step id with "-" is written steps["b-c"]'],
  ],
  [
    'steps as a whole',
    steps('  a:\n    when: size(steps) > 1\n    wait: { for: 1s }'),
    [
      '7:11 steps.a.when: size(steps) > 1: "steps" must be followed by a step id: steps.order or steps["order"]',
    ],
  ],
  [
    'output outside success',
    steps('  a:\n    when: output.x == 1\n    wait: { for: 1s }'),
    ['7:11 steps.a.when: output.x == 1: "output" is known to success only'],
  ],
  [
    'a condition that is always false',
    steps('  a:\n    when: "false"\n    wait: { for: 1s }'),
    ['7:11 steps.a.when: step "a" can never run: its condition is false'],
  ],
  [
    'a regular expression',
    steps('  a:\n    when: input.orderId.matches("(a+)+$")\n    wait: { for: 1s }'),
    [
      '7:11 steps.a.when: input.orderId.matches("(a+)+$"): matches() is not available: use contains, startsWith, endsWith, or a pattern in the input schema',
    ],
  ],
  [
    'bad output and success',
    `${head}output: "\${steps.b.output}"\nsuccess: output.x +\nsteps: { a: { wait: { for: 1s } } }`,
    [
      '5:9 output: steps.b.output: there is no step "b"',
      '6:10 success: output.x +: Unexpected token: EOF at character 11',
    ],
  ],
  [
    'a table that reads what its workflow does not have',
    steps('  a:\n    decide: refund-rules'),
    ['7:13 steps.a.decide: table refund-rules@2, rule old: input.days > 30: input has no field "days"'],
  ],
  [
    'an input schema that is none',
    `${head.replace('type: object', 'type: objct')}steps: { a: { wait: { for: 1s } } }`,
    [
      '4:1 input: is not a usable JSON Schema: schema is invalid: data/type must be equal to one of the allowed values, data/type must be array, data/type must match a schema in anyOf',
    ],
  ],
  [
    'an input schema elsewhere',
    `${head.replace('type: object', '$ref: "https://example.org/x.json"')}steps: { a: { wait: { for: 1s } } }`,
    [
      '4:1 input: refers to "https://example.org/x.json": only references inside the schema ("#/...") are followed',
    ],
  ],
  [
    'an input schema that is not published',
    `workflow: w\nversion: 1\npurpose: p\ninput: { $schema: ./x.json }\nsteps: { a: { wait: { for: 1s } } }`,
    ['4:19 input.$schema: the input schema "./x.json" is not published'],
  ],
  [
    'many problems at once',
    steps('  a:\n    tool: nope\n    needs: [z]\n    when: 1 +\n  b:\n    decide: none'),
    [
      '7:11 steps.a.tool: there is no tool "nope"',
      '8:13 steps.a.needs[0]: there is no step "z"',
      '9:11 steps.a.when: 1 +: Unexpected token: EOF at character 4',
      '11:13 steps.b.decide: there is no decision table "none"',
    ],
  ],
])('%s is refused', (_name, source, problems) => {
  expect(problemsOf(source)).toEqual(problems);
});
