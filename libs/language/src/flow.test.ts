// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates hold expressions
// biome-ignore-all lint/suspicious/noThenProperty: the word of the document format
import { expect, test } from 'vitest';
import { agent, ask, decide, fallingBackTo, tool, valueInstead, wait } from '../test/steps.js';
import { flowOf } from './flow.js';
import { stepsAfter } from './flow.order.js';

const flowStep = (step: Parameters<typeof flowOf>[0]['steps'][number]) =>
  flowOf({ steps: [step] }).steps.get(step.id)!;
const readBy = (step: Parameters<typeof flowStep>[0]) =>
  flowStep(step).reads.of.map((read) => [read.step, ...read.path].join('.'));

test.each([
  ['a tool: its arguments', tool('t', { with: { a: ['${steps.x.output.n}'] } }), ['x.output.n']],
  ['any step: its condition', tool('t', { when: 'steps.x.status == "completed"' }), ['x.status']],
  [
    'a table: its input, its conditions and what it gives',
    decide('t', {
      with: { a: '${steps.x.output}' },
      table: {
        rules: [{ when: 'steps.y.output > 1', then: { r: '${steps.z.output}' } }],
        otherwise: { r: '${steps.w.output}' },
      },
    }),
    ['x.output', 'w.output', 'y.output', 'z.output'],
  ],
  ['a wait: the instant', wait('t', { until: '${steps.x.output.at}' }), ['x.output.at']],
  ['a wait for a signal: nothing', wait('t', { signal: 'go', deadlineMs: 1 }), []],
  [
    'an approval: its question and its details',
    ask('t', { question: 'Pay ${steps.x.output.n}?', details: { who: '${steps.y.output}' } }),
    ['x.output.n', 'y.output'],
  ],
  [
    'an agent: its goal, its facts and its rules',
    agent('t', {
      goal: 'About ${steps.x.output}',
      facts: { f: '${steps.y.output}' },
      baseline: { table: { rules: [], otherwise: { o: '${steps.z.output}' } } },
    }),
    ['x.output', 'y.output', 'z.output'],
  ],
  [
    'an agent without facts: what the steps it needs give',
    agent('t', {}, ['p', 'q']),
    ['p.output', 'q.output'],
  ],
])('what a step takes: %s', (_sentence, step, expected) => {
  expect(readBy(step)).toEqual(expected);
  expect(flowStep(step).reads.all).toBe(false);
});

test('a step that takes steps without naming one takes all of them', () => {
  expect(flowStep(tool('t', { with: { a: '${steps}' } })).reads.all).toBe(true);
});

test('what a value takes that stands in for a step is kept apart from what the step takes', () => {
  const { reads, valueReads } = flowStep(valueInstead(tool('t'), { v: '${steps.x.output}' }));
  expect(reads.of).toEqual([]);
  expect(valueReads?.of).toEqual([{ step: 'x', path: ['output'] }]);
  expect(flowStep(tool('t')).valueReads).toBeUndefined();
});

test('an approval shows a value as it is where the expression is that value and nothing else', () => {
  const step = ask('t', {
    question: 'Pay ${steps.x.output.n}, or ${steps.y.output.n + 1}?',
    details: { all: '${steps.z.output}' },
  });
  expect(flowStep(step).shows).toEqual([
    { step: 'x', path: ['output', 'n'] },
    { step: 'z', path: ['output'] },
  ]);
});

test.each([
  ['assisted', true],
  ['shadow', false],
  ['baseline', false],
] as const)('a model may act in an agent step that goes up to %s: %s', (levelMax, mayAct) => {
  const flow = flowOf({ steps: [tool('a'), agent('t', { levelMax })] });
  expect([flow.mayAct, flow.steps.get('t')?.mayAct, flow.steps.get('a')?.mayAct]).toEqual([
    mayAct,
    mayAct,
    false,
  ]);
});

test('a fallback stands in for every step that names it, and comes after all of them alone', () => {
  const flow = flowOf({
    steps: [fallingBackTo('c', tool('a')), fallingBackTo('c', tool('b')), tool('c'), tool('d', {}, ['c'])],
  });
  expect(flow.steps.get('c')?.standsInFor).toEqual(['a', 'b']);
  expect(flow.steps.get('a')?.fallback).toBe('c');
  expect([...stepsAfter(flow, 'a')]).toEqual([]);
  const alone = flowOf({ steps: [fallingBackTo('c', tool('a')), tool('c'), tool('d', {}, ['c'])] });
  expect([...stepsAfter(alone, 'a')]).toEqual(['c', 'd']);
});

test('the outcome takes what output and success take, and everything where the workflow says no output', () => {
  const steps = [tool('a'), tool('b')];
  expect(flowOf({ steps }).outcome).toEqual({ of: [], all: true });
  const said = flowOf({
    steps,
    output: { r: '${steps.a.output}' },
    success: 'steps.b.status == "completed"',
  });
  expect(said.outcome).toEqual({
    of: [
      { step: 'a', path: ['output'] },
      { step: 'b', path: ['status'] },
    ],
    all: false,
  });
});

test('a workflow is worked out once', () => {
  const workflow = { steps: [tool('a')] };
  expect(flowOf(workflow)).toBe(flowOf(workflow));
});
