import { FormAnswered, StepCompleted } from '@interlock/contracts';
import { misfitOf } from '@interlock/schema';
import type { DecisionDraft } from '../../decision.draft.js';
import type { StepIndex } from '../../indices.js';
import type { Refusal } from '../../life/commands.js';
import { misfitText } from '../../misfit.js';
import { outputTooLarge } from '../../output.size.js';
import { completeStep } from '../complete.js';
import type { Answer } from '../kind.js';
import { formOf } from './work.js';

/** Takes the answer of somebody with one of the roles, as it is; whoever gave it has shaped what follows from it. */
export function answerForm(draft: DecisionDraft, step: StepIndex, answer: Answer): Refusal | undefined {
  const { commandId, by, reason, value, issuedAt } = answer;
  const { id, form } = draft.definitionOf(step, 'form');
  const { at, since } = draft.step(step);
  const asked = formOf(draft.state, step);
  if (asked === undefined || at.status !== 'waiting')
    return ['form.not_open', `step ${id} waits for no answer`];
  if (issuedAt + draft.settings.clockSkewMs < since)
    return ['form.opened_later', `step ${id} asked only after this answer was given`];
  if (draft.now >= asked.until) return ['form.expired', `step ${id} took answers until a moment ago`];
  if (!form.roles.some((role) => by.roles.includes(role)))
    return ['form.role', `step ${id} takes answers from ${form.roles.join(' or ')}`];
  const large = outputTooLarge(value ?? null);
  if (large !== undefined) return [large.code, large.message];
  const misfit = misfitOf(form.schema, value ?? null);
  if (misfit !== undefined)
    return [misfit.code === 'schema.too_expensive' ? misfit.code : 'form.value', misfitText(misfit)];
  draft.emit(FormAnswered({ step: id, commandId, by, reason, value: value ?? null }));
  draft.emit(StepCompleted({ step: id, via: 'form' }));
  completeStep(draft, step);
  return undefined;
}
