import type { CompiledStep } from '@interlock/language';
import { misfitOf } from '@interlock/schema';
import { callAt } from '../call/calls.js';
import type { StepIndex } from '../indices.js';
import { misfitText } from '../misfit.js';
import { callOf } from '../scope/called.js';
import { stepIn } from '../scope/workflow.index.js';
import type { RunState } from '../state.js';
import { kindNamed } from '../step/index.js';
import type { StepState } from '../step/state.js';
import { stepAt } from '../step/steps.js';
import { type Obstacle, obstacle, type Published } from './facts.js';
import { differences, type Rename } from './same.js';

/** Why a step that has begun cannot go on, or stay, as its other definition says. */
export function misfits(
  state: RunState,
  step: StepIndex,
  after: CompiledStep,
  rename: Rename,
  published: Published,
): Obstacle[] {
  const { definition: before } = stepIn(state, step);
  const { kind, id } = before;
  if (kind !== after.kind)
    return [
      obstacle(
        'kind',
        `it is a ${kind} step, and there a ${after.kind} step`,
        'give the new step another id',
      ),
    ];
  const differing = differences(before, after, rename);
  const of = stepAt(state, step);
  if (of.at.status === 'completed') return ofCompleted(of.at, differing, after, published);
  if (of.at.status === 'skipped') return ofSkipped(of.at, differing, before, after, published);
  if (id !== after.id)
    return [obstacle('id', 'it is under way under the name that it has', `leave it until ${id} is done`)];
  if (mayChange(state, step, differing)) return [];
  return differing.map((field) =>
    obstacle(
      field,
      `it is ${wordOf(of)}, and there its ${field} is another`,
      `leave it as it is, or wait until ${id} is done`,
    ),
  );
}

const wordOf = ({ at }: StepState): string => (at.status === 'pending' ? 'begun' : at.status);

/** Nothing came of it, and whatever it does next it begins anew: it was taken back, or a person waits with it. */
function mayChange(state: RunState, step: StepIndex, differing: readonly string[]): boolean {
  const { at, work } = stepAt(state, step);
  if (work === undefined) return at.status === 'parked' || at.status === 'pending';
  const call = at.status === 'parked' ? callOf(state, step) : undefined;
  if (call === undefined || differing.includes('toolHash')) return false;
  const made = callAt(state, call);
  return made.at.phase === 'person' && made.doubt === undefined;
}

function ofCompleted(
  { output, insteadOf }: Extract<StepState['at'], { status: 'completed' }>,
  differing: readonly string[],
  after: CompiledStep,
  published: Published,
): Obstacle[] {
  if (insteadOf === undefined) return misgiven(output, differing, after, published);
  if (!differing.includes('onFailure')) return [];
  return [obstacle('onFailure', 'what stands in for it would not there', 'leave its onFailure as it is')];
}

function ofSkipped(
  { output }: Extract<StepState['at'], { status: 'skipped' }>,
  differing: readonly string[],
  before: CompiledStep,
  after: CompiledStep,
  published: Published,
): Obstacle[] {
  if (output !== undefined) return misgiven(output, differing, after, published);
  if (before.when === undefined || after.when !== undefined) return [];
  return [
    obstacle(
      'when',
      'it was skipped, and there it always runs',
      'leave its condition, or give it another id',
    ),
  ];
}

/** Steps behind it were checked against what it gives there: where that may be something else, what it has given is checked. */
function misgiven(
  output: unknown,
  differing: readonly string[],
  after: CompiledStep,
  published: Published,
): Obstacle[] {
  const { gives } = kindNamed(after.kind);
  const field = gives?.fields.find((one) => differing.includes(one));
  if (gives === undefined || field === undefined) return [];
  const fix = 'publish a version that leaves what the step gives as it was';
  const given = gives.schema?.(after, published) ?? {
    unknown: 'there its steps are others, and what they give together is nowhere declared',
  };
  if ('unknown' in given) return [obstacle(field, given.unknown, fix)];
  const misfit = given.schema === undefined ? undefined : misfitOf(given.schema, output);
  if (misfit === undefined) return [];
  return [obstacle(field, `what it gave is not what it gives there: ${misfitText(misfit)}`, fix)];
}
