// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { expect, test } from 'vitest';
import { head, order, problemsOf, steps } from './refusal.fixture.js';

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
    [
      '6:3 steps.a: step "a" needs one of tool, decide, wait, approval, form, agent, workflow, forEach, repeat, switch',
    ],
  ],
  [
    'a step of two kinds',
    steps('  a: { tool: orders.get, wait: { for: 1s } }'),
    ['6:3 steps.a: step "a" is of one kind only, not both tool and wait'],
  ],
  [
    'an agent step without rules to fall back to',
    steps('  a:\n    agent: { goal: g, tools: [] }'),
    ['7:5 steps.a.agent.baseline: is required'],
  ],
  [
    'a budget of time beside the timeout of an agent step',
    steps(
      '  a:\n    agent: { goal: g, tools: [], budget: { duration: 1s }, baseline: { decide: refund-rules } }',
    ),
    ['7:54 steps.a.agent.budget.duration: unknown field "duration"'],
  ],
  [
    'a forEach step without its list and its body',
    steps('  a:\n    forEach: {}'),
    ['6:3 steps.a.steps: is required', '7:5 steps.a.forEach.in: is required'],
  ],
  [
    'a repeat step without its bound and its body',
    steps('  a:\n    repeat: {}'),
    [
      '6:3 steps.a.steps: is required',
      '7:5 steps.a.repeat.until: is required',
      '7:5 steps.a.repeat.max: is required',
    ],
  ],
  [
    'a step of no kind in a body',
    steps('  a:\n    forEach: { in: "${input.list}" }\n    steps: { b: {} }'),
    [
      '8:14 steps.a.steps.b: step "b" needs one of tool, decide, wait, approval, form, agent, workflow, forEach, repeat, switch',
    ],
  ],
  [
    'a child workflow by its parts',
    steps('  a:\n    workflow: { name: w2 }'),
    ['7:5 steps.a.workflow: must be a string, not an object'],
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
    ['8:16 steps.c.needs[0]: "b" runs only as the fallback of "a": list that one in needs instead'],
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
    'an escalation to others without them',
    `${head}escalation: { to: lead, after: PT1H }\nsteps: { a: { wait: { for: 1s } } }`,
    ['5:1 escalation: says when others are to look at it, and who: `after` and `then` stand together'],
  ],
])('%s is refused', (_name, source, problems) => {
  expect(problemsOf(source)).toEqual(problems);
});
