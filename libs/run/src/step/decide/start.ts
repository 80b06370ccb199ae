import { StepCompleted } from '@interlock/contracts';
import { type CompiledDecideStep, type Decision, decideByTable, resolve } from '@interlock/language';
import type { DecisionDraft } from '../../decision.draft.js';
import type { StepIndex } from '../../indices.js';
import { outputTooLarge } from '../../output.size.js';
import { scopeOf } from '../../scope/scope.js';
import { completeStep } from '../complete.js';
import { failStep } from '../fail.js';
import { expressionFailure } from '../tool/start.js';

/** Decides at once by the table pinned in the workflow. */
export function startDecide(draft: DecisionDraft, place: StepIndex, step: CompiledDecideStep): undefined {
  let decision: Decision;
  try {
    const scope = scopeOf(draft.state, draft.workflow.named[place]!);
    const input = step.with === undefined ? scope.input : resolve(step.with, scope, ['with']);
    decision = decideByTable(step.table, { ...scope, input });
  } catch (error) {
    return failStep(draft, place, expressionFailure(error));
  }
  if ('noMatch' in decision) {
    const message = `no rule of ${step.table.name}@${step.table.version} matches`;
    return failStep(draft, place, { class: 'domain', code: 'no_rule_matched', message });
  }
  const { ruleIndex, ruleId, output } = decision;
  const large = outputTooLarge(output);
  if (large !== undefined) return failStep(draft, place, large);
  const detail = ruleId ?? (ruleIndex < 0 ? 'otherwise' : `rules[${ruleIndex}]`);
  draft.emit(StepCompleted({ step: step.id, output, via: 'table', detail }));
  completeStep(draft, place);
}
