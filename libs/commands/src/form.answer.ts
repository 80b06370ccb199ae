import type { Identity } from '@interlock/contracts';
import type { Run, RunCommandBody } from '@interlock/contracts/http';
import { misfitOf } from '@interlock/schema';
import { errorsAt } from './misfit.errors.js';
import { Problem, refusedAs } from './problem.js';

type Answer = Extract<RunCommandBody, { type: 'answer' }>;

/**
 * Refuses an answer that the form does not take, as far as the run shows it; the run decides.
 * @throws {Problem} conflict: nothing is asked there; not allowed: not by this person; refused: the value does not fit
 */
export function refuseAnswer({ waitingFor = [] }: Run, { step, value }: Answer, { roles }: Identity): void {
  const asked = waitingFor.find((wait) => wait.kind === 'form' && wait.step === step);
  if (asked === undefined)
    throw refusedAs('conflict', 'form.not_open', `Step ${step} does not ask for an answer.`);
  const { form } = asked;
  if (form === undefined) return;
  if (!form.roles.some((role) => roles.includes(role)))
    throw refusedAs(
      'not-allowed',
      'form.role',
      `Step ${step} takes answers from ${form.roles.join(' or ')}.`,
    );
  const misfit = misfitOf(form.schema, value);
  if (misfit === undefined) return;
  throw new Problem(
    'refused',
    `The answer does not fit what step ${step} asks for.`,
    errorsAt('value', misfit),
    undefined,
    'form.value',
  );
}
