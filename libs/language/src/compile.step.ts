import { compileOnFailure, compileRetry, compileTimeout, withoutAbsent } from './compile.fields.js';
import { compileSla } from './compile.sla.js';
import type { Compiling } from './step/form.js';
import { type CompiledStep, formOf } from './step/index.js';
import type { WrittenStep } from './step.schema.js';

/** The compiled form of a checked step; `undefined` when something it names is missing, which has been reported. */
export function compileStep(
  id: string,
  step: WrittenStep,
  fallbackOnly: boolean,
  compiling: Compiling,
): CompiledStep | undefined {
  const form = formOf(step);
  const timeout = compileTimeout(step.timeout);
  if (form?.hasAttempts !== true && timeout.attemptMs !== undefined)
    compiling.report([...compiling.at, 'timeout'], 'only a tool step has attempts: write the total timeout');
  if (form?.makesCalls !== true && step.retry !== undefined)
    compiling.report(
      [...compiling.at, 'retry'],
      'only a step that makes calls makes them again: leave it out',
    );
  if (form?.hasAttempts !== true && step.onExhausted !== undefined)
    compiling.report([...compiling.at, 'onExhausted'], 'only a tool step has attempts: leave it out');
  const every = withoutAbsent({
    id,
    needs: [...new Set(step.needs ?? [])],
    when: step.when,
    retry: step.retry && compileRetry(step.retry),
    onExhausted: step.onExhausted,
    onFailure: step.onFailure === undefined ? undefined : compileOnFailure(step.onFailure),
    sla: compileSla(step, compiling.at, compiling.report),
    pivot: step.pivot === true ? (true as const) : undefined,
    fallbackOnly: fallbackOnly ? (true as const) : undefined,
  });
  return form?.compile({ ...every, timeout }, step, compiling);
}
