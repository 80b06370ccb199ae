import { StepCompleted } from '@interlock/contracts';
import { type Decision, decideByTable, resolve } from '@interlock/language';
import type { DecisionDraft } from '../../decision.draft.js';
import type { StepIndex } from '../../indices.js';
import { fitting } from '../../output.size.js';
import { completeStep } from '../complete.js';
import { failStep } from '../fail.js';
import { expressionFailure } from '../tool/start.js';

/** Decides at once by the table pinned in the workflow. */
export function startDecide(draft: DecisionDraft, step: StepIndex): undefined {
  const definition = draft.definitionOf(step, 'decide');
  let decision: Decision;
  try {
    const scope = draft.scopeOf(step);
    const input = definition.with === undefined ? scope.input : resolve(definition.with, scope, ['with']);
    decision = decideByTable(definition.table, { ...scope, input });
  } catch (error) {
    return failStep(draft, step, expressionFailure(error));
  }
  if ('noMatch' in decision) {
    const message = `no rule of ${definition.table.name}@${definition.table.version} matches`;
    return failStep(draft, step, { class: 'domain', code: 'no_rule_matched', message });
  }
  const { ruleIndex, ruleId, output } = decision;
  const fit = fitting(draft, output);
  if ('class' in fit) return failStep(draft, step, fit);
  const detail = ruleId ?? (ruleIndex < 0 ? 'otherwise' : `rules[${ruleIndex}]`);
  draft.emit(StepCompleted({ step: definition.id, output: fit.output, via: 'table', detail }));
  completeStep(draft, step);
}
