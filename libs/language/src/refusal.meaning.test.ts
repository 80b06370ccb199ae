// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { expect, test } from 'vitest';
import { head, order, problemsOf, steps } from './refusal.fixture.js';

test.each<[string, string, string[]]>([
  [
    'an approval whose reminder, escalation and fallback never come',
    steps(
      '  a:\n    approval:\n      question: q\n      approvers: [lead]\n      remind: 2d\n      escalate: { to: boss, after: 1d }\n      onExpiry: fallback',
    ),
    [
      '10:15 steps.a.approval.remind: the reminder comes after the question has expired (86400000 ms)',
      '11:36 steps.a.approval.escalate.after: the escalation comes after the question has expired (86400000 ms)',
      '12:17 steps.a.approval.onExpiry: there is nothing to fall back to: say onFailure: { fallback } or { value }',
    ],
  ],
  [
    'an approval with a question that is no text, and unknown names in its details',
    steps(
      '  a:\n    approval:\n      question: "${input.amount}"\n      approvers: [lead]\n      details: { of: "${input.amuont}" }',
    ),
    [
      '8:17 steps.a.approval.question: a question must be text',
      '10:22 steps.a.approval.details.of: input.amuont: input has no field "amuont"',
    ],
  ],
  [
    'an unknown field of what an approval gives',
    steps(
      '  a:\n    approval: { question: q, approvers: [lead] }\n  b:\n    needs: [a]\n    when: steps.a.output.aproved\n    wait: { for: 1s }',
    ),
    ['10:11 steps.b.when: steps.a.output.aproved: steps.a.output has no field "aproved"'],
  ],
  [
    'a field that a run does not have, and the start of a run taken for an instant',
    steps(
      '  a:\n    when: run.owner == "x"\n    wait: { for: 1s }\n  b:\n    wait: { until: "${timestamp(run.startedAt)}" }',
    ),
    [
      '7:11 steps.a.when: run.owner == "x": run has no field "owner"',
      expect.stringMatching(
        /^10:20 steps\.b\.wait\.until: timestamp\(run\.startedAt\): found no matching overload/,
      ),
    ],
  ],
  [
    'what waits longer than its run may take',
    steps(
      '  a:\n    wait: { signal: come, deadline: P20D }\n  b:\n    approval: { question: q, approvers: [lead], expires: P1D }\n  c:\n    timeout: { total: P2D }\n    wait: { for: 1d }',
    ),
    [
      '7:37 steps.a.wait.deadline: longer than its run may take: P1D when it says nothing. Say budget.duration of the workflow',
      '11:23 steps.c.timeout.total: longer than its run may take: P1D when it says nothing. Say budget.duration of the workflow',
    ],
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
    'a write undone by a tool that is not there, that is a read, or that has no recovery mode',
    steps('  a:\n    tool: stock.unfinished\n  b:\n    tool: stock.looking\n  c:\n    tool: stock.careless'),
    [
      '7:11 steps.a.tool: "stock.unfinished" is undone by "stock.return", and there is no such tool',
      '9:11 steps.b.tool: "stock.looking" is undone by "orders.get", which is not a write',
      '11:11 steps.c.tool: the write tool "ledger.write" has no recovery mode',
    ],
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
      '8:5 steps.a.with.orderId: "orderId" is required by the input schema of what it calls',
      '8:20 steps.a.with.order: what it calls takes no field "order"',
    ],
  ],
  [
    'arguments of the wrong type',
    steps('  a:\n    tool: refunds.create\n    with:\n      orderId: "${input.amount}"\n      amount: -2'),
    [
      '9:16 steps.a.with.orderId: what it calls wants string here, this gives a number',
      '10:15 steps.a.with.amount: -2 must be > 0 (the input schema of what it calls)',
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
    ['4:16 input.type: must be a type of JSON or a list of types'],
  ],
  [
    'an input schema elsewhere',
    `${head.replace('type: object', '$ref: "https://example.org/x.json"')}steps: { a: { wait: { for: 1s } } }`,
    [
      '4:16 input.$ref: refers to "https://example.org/x.json": only references inside the schema ("#/...") are followed',
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
