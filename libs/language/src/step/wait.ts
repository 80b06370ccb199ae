import { durationMs } from '../compile.fields.js';
import type { CompiledWaitStep } from '../compiled.step.js';
import { noReads, readsOfTemplate } from '../expression.reads.js';
import { parseInstant } from '../instant.js';
import { type WaitStep, waitStep } from '../step.schema.js';
import { holdsExpression } from '../template.js';
import { Form } from './form.js';

export const waitForm = new Form<'wait', WaitStep, CompiledWaitStep>('wait', waitStep, {
  check(check, { wait }) {
    if (!('until' in wait)) return;
    check.template(wait.until, ['wait', 'until']);
    if (!holdsExpression(wait.until) && parseInstant(wait.until) === undefined)
      check.report(
        ['wait', 'until'],
        'must be an instant like 2026-01-31T12:00:00Z, or an expression that gives one',
      );
  },
  compile: (every, { wait }) => ({ ...every, kind: 'wait', wait: compileWait(wait) }),
  reads: ({ wait }) => ('until' in wait ? readsOfTemplate(wait.until) : noReads),
});

function compileWait(wait: WaitStep['wait']): CompiledWaitStep['wait'] {
  if ('for' in wait) return { forMs: durationMs(wait.for) };
  if ('until' in wait) return { until: wait.until };
  return { signal: wait.signal, deadlineMs: durationMs(wait.deadline) };
}
