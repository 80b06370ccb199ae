import type { StepNames } from '@interlock/contracts';
import type { CompiledStep, CompiledWorkflow } from '@interlock/language';
import type { StepIndex } from '../indices.js';
import type { RunState } from '../state.js';
import type { StepState, StepStatus } from '../step/state.js';
import { isClosed, stepAt } from '../step/steps.js';
import { begunSteps } from './begun.js';
import { type Obstacle, obstacle, type Published } from './facts.js';
import { flowMisfits } from './flow.misfits.js';
import { misfits } from './misfits.js';
import { placesIn, renaming } from './names.js';
import { whole } from './whole.js';

/** What becomes of a step of the workflow itself. */
export interface PlannedStep {
  readonly step: string;
  /** What it is called there. Absent: the same, or it is not there. */
  readonly to?: string;
  /** Absent: the run has no such step. */
  readonly status?: StepStatus;
  readonly as: 'kept' | 'new' | 'removed' | 'refused';
  /** Why it is refused; empty: it is not. */
  readonly obstacles: readonly Obstacle[];
}

export interface MigrationPlan {
  readonly steps: readonly PlannedStep[];
  /** Of the workflow as a whole. */
  readonly obstacles: readonly Obstacle[];
  /** The wall-time budget ends here then, UTC, ms. */
  readonly deadline: number;
}

export const isSafe = ({ steps, obstacles }: MigrationPlan): boolean =>
  obstacles.length === 0 && steps.every(({ as }) => as !== 'refused');

/**
 * What would become of a run that is open if it went on as another version of its workflow says. What has not begun follows the other
 * version; what has is there too, as it was, or nobody could say what it means.
 */
export function planMigration(
  state: RunState,
  target: CompiledWorkflow,
  map: StepNames | undefined,
  now: number,
  published: Published,
): MigrationPlan {
  const { compiled } = state.origin;
  const rename = renaming(map);
  const places = placesIn(compiled, target, rename);
  const begun = begunSteps(state);
  const closed = closedIn(state, target, places);
  const retired = new Set(retiredAfter(state, places, target, begun));
  const plannedAt = ({ id }: CompiledStep, at: number): PlannedStep => {
    const step = at as StepIndex;
    const of = stepAt(state, step);
    const { status } = of.at;
    const after = placed(target, places[at]);
    if (after === undefined)
      return begun.has(step)
        ? { step: id, status, as: 'refused', obstacles: [missing(id, status)] }
        : { step: id, status, as: 'removed', obstacles: [] };
    const isRenamed = after.id !== id;
    const obstacles = [
      ...(isRenamed ? nameTaken(after.id, retired) : []),
      ...(begun.has(step)
        ? [
            ...misfits(state, step, after, rename, published),
            ...tooLate(of, after, closed),
            ...flowMisfits(state, id, after.id, target),
          ]
        : []),
    ];
    const named = isRenamed ? { to: after.id } : {};
    return { step: id, ...named, status, as: obstacles.length === 0 ? 'kept' : 'refused', obstacles };
  };
  const taken = new Set(places);
  const added = target.steps.flatMap(({ id }, at) =>
    taken.has(at as StepIndex) ? [] : [addedStep(id, nameTaken(id, retired))],
  );
  return { steps: [...compiled.steps.map(plannedAt), ...added], ...whole(state, target, now) };
}

/** Names under which calls were made by steps that are called otherwise now. */
export function retiredAfter(
  { origin: { compiled }, retired = [] }: RunState,
  places: readonly (StepIndex | undefined)[],
  target: CompiledWorkflow,
  begun: ReadonlySet<StepIndex>,
): readonly string[] {
  const left = compiled.steps.filter(({ id }, at) => {
    const after = placed(target, places[at]);
    return begun.has(at as StepIndex) && after !== undefined && after.id !== id;
  });
  return [...new Set([...retired, ...left.map(({ id }) => id)])];
}

const placed = ({ steps }: CompiledWorkflow, at: StepIndex | undefined): CompiledStep | undefined =>
  at === undefined ? undefined : steps[at];

const missing = (id: string, status: StepStatus): Obstacle =>
  obstacle(
    'id',
    `it is ${status === 'pending' ? 'begun' : status}, and is not there`,
    `publish a version that has it, or say what it is called there: --map ${id}=NEW`,
  );

/** Ids there of the steps that are done. */
function closedIn(
  state: RunState,
  target: CompiledWorkflow,
  places: readonly (StepIndex | undefined)[],
): ReadonlySet<string> {
  const ids = places.flatMap((place, at) =>
    isClosed(stepAt(state, at as StepIndex)) ? (placed(target, place)?.id ?? []) : [],
  );
  return new Set(ids);
}

/** What a step needs there comes before it: of one that is done it would come too late. */
function tooLate({ at }: StepState, { needs }: CompiledStep, closed: ReadonlySet<string>): Obstacle[] {
  if (at.status !== 'completed' && at.status !== 'skipped' && at.status !== 'parked') return [];
  return needs
    .filter((need) => !closed.has(need))
    .map((need) =>
      obstacle(
        'needs',
        `it is ${at.status}, and there it needs ${need}, which is not done: that would come too late`,
        `publish a version in which it does not need ${need}`,
      ),
    );
}

/** What is called as another step was is told from it by nobody: its calls would bear hashes that were used. */
const nameTaken = (id: string, retired: ReadonlySet<string>): Obstacle[] =>
  retired.has(id)
    ? [
        obstacle(
          'id',
          'another step of the run was called so, and calls were made in that name',
          'give it another id',
        ),
      ]
    : [];

const addedStep = (step: string, obstacles: readonly Obstacle[]): PlannedStep => ({
  step,
  as: obstacles.length === 0 ? 'new' : 'refused',
  obstacles,
});
