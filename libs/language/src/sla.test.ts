// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { expect, test } from 'vitest';
import { compileWorkflow } from './compile.js';
import { catalogue } from './refund.fixture.js';
import { order, problemsOf, steps } from './refusal.fixture.js';

const wait = (said = '') => `  wait: { wait: { for: 1s }${said} }\n`;
const withSla = (sla: string, text = order + wait()) => steps(text).replace('steps:', `sla: ${sla}\nsteps:`);

test('compiles to times from the start of the run and of its steps', () => {
  const text = withSla(
    '{ complete: PT4H, stages: { order: PT2M }, onBreach: escalate }',
    order + wait(', sla: PT1M'),
  );
  const result = compileWorkflow(text, catalogue);
  expect(result.ok && result.workflow).toMatchObject({
    sla: { completeMs: 14_400_000, onBreach: 'escalate' },
    steps: [
      { id: 'order', sla: { withinMs: 120_000 } },
      { id: 'wait', sla: { withinMs: 60_000 } },
    ],
  });
  const own = steps(wait(', sla: { within: 2m, onBreach: fallback }, onFailure: { value: 1 }'));
  const compiled = compileWorkflow(own, catalogue);
  expect(compiled.ok && compiled.workflow.steps[0]).toMatchObject({
    sla: { withinMs: 120_000, onBreach: 'fallback' },
  });
});

test.each([
  [withSla('{ stages: { other: PT2M } }'), /sla\.stages\.other: there is no step "other"/],
  [
    withSla('{ stages: { wait: PT2M } }', order + wait(', sla: PT1M')),
    /sla\.stages\.wait: the step says its own sla already/,
  ],
  [withSla('{ complete: P1D }'), /sla\.complete: the run ends after 86400000 ms, so this is never missed/],
  [withSla('{ complete: PT1H, onBreach: fallback }'), /sla\.onBreach: must be/],
  [
    steps(wait(', sla: { within: 2m, onBreach: fallback }')),
    /steps\.wait\.sla\.onBreach: there is nothing to fall back to/,
  ],
  [steps(wait(', sla: { onBreach: fail }')), /steps\.wait\.sla/],
])('is refused: %s', (text, problem) => {
  expect(problemsOf(text)).toEqual([expect.stringMatching(problem)]);
});
