import { optionalMs, withoutAbsent } from '../compile.fields.js';
import type { CompiledRepeatStep } from '../compiled.step.js';
import { noReads, readsOfExpression } from '../expression.reads.js';
import { type RepeatStep, repeatStep } from '../step.schema.js';
import { Form } from './form.js';

export const repeatForm = new Form<'repeat', RepeatStep, CompiledRepeatStep>('repeat', repeatStep, {
  // A pass sees what the one before it gave.
  bodies: ({ repeat: { until }, steps, output }, check) => [
    {
      at: [],
      steps,
      output,
      until: { text: until, at: ['repeat', 'until'] },
      also: check.id,
    },
  ],
  output: (_step, _found, _types, [turn]) => turn,
  compile: (every, { repeat: { until, max, every: pause } }, { bodies: [body] }) =>
    body && {
      ...every,
      kind: 'repeat',
      repeat: withoutAbsent({ until, max, everyMs: optionalMs(pause) }),
      body,
    },
  reads: () => noReads,
  readsAtTurnEnd: ({ repeat: { until } }) => readsOfExpression(until),
  compiledBodies: ({ body }) => [body],
  isLoop: true,
  withBodies: (step, [body = step.body]) => ({ ...step, body }),
  isRepeat: true,
});
