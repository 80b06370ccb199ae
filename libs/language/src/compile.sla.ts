import { compileBudget, durationMs, withoutAbsent } from './compile.fields.js';
import type { CompiledRunSla, CompiledSla } from './compiled.step.js';
import type { WorkflowDocument } from './document.schema.js';
import type { Path, Report } from './problem.js';
import type { StepSla } from './sla.schema.js';
import type { CompiledStep } from './step/index.js';
import type { WrittenStep } from './step.schema.js';

/** @param at of the step */
export function compileSla(
  { sla, onFailure }: WrittenStep,
  at: Path,
  report: Report,
): CompiledSla | undefined {
  if (sla === undefined) return undefined;
  const { within, onBreach } = formOf(sla);
  if (onBreach === 'fallback' && typeof onFailure !== 'object')
    report(
      [...at, 'sla', 'onBreach'],
      'there is nothing to fall back to: say onFailure: { fallback } or { value }',
    );
  return withoutAbsent({ withinMs: durationMs(within), onBreach });
}

const formOf = (sla: StepSla): Exclude<StepSla, string> => (typeof sla === 'string' ? { within: sla } : sla);

/** Reports stages that are no steps, or that say it twice, and a time that the run never reaches. */
export function checkSla({ sla, steps, budget }: WorkflowDocument, report: Report): void {
  const { durationMs: ends } = compileBudget(budget);
  if (sla?.complete !== undefined && durationMs(sla.complete) >= ends)
    report(
      ['sla', 'complete'],
      `the run ends after ${ends} ms, so this is never missed: say a longer budget.duration, or less here`,
    );
  for (const id of Object.keys(sla?.stages ?? {})) {
    const at = ['sla', 'stages', id];
    const step = Object.hasOwn(steps, id) ? steps[id] : undefined;
    if (step === undefined)
      report(at, `there is no step "${id}" in the workflow itself: a step in a body says its own sla`);
    else if (step.sla !== undefined) report(at, `the step says its own sla already: leave one out`);
  }
}

/** The steps, with what the workflow says of them. */
export const withStages = (
  steps: readonly CompiledStep[],
  { sla }: WorkflowDocument,
): readonly CompiledStep[] =>
  steps.map((step) => {
    const within = sla?.stages?.[step.id];
    return within === undefined ? step : { ...step, sla: { withinMs: durationMs(within) } };
  });

export function compileRunSla({ sla }: WorkflowDocument): CompiledRunSla | undefined {
  if (sla === undefined) return undefined;
  const { complete, onBreach = 'notify' } = sla;
  return withoutAbsent({
    completeMs: complete === undefined ? undefined : durationMs(complete),
    onBreach,
  });
}
