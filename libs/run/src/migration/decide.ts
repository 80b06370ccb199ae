import { type MessageOf, type MigrateRun, RunMigrated } from '@interlock/contracts';
import type { CompiledWorkflow } from '@interlock/language';
import type { DecisionDraft } from '../decision.draft.js';
import { hasWaitingParent } from '../family/state.js';
import type { StepIndex } from '../indices.js';
import type { Refusal } from '../life/commands.js';
import { isRunEnding } from '../scope/scopes.js';
import type { RunState } from '../state.js';
import { begunSteps } from './begun.js';
import { misnamed, placesIn, renaming } from './names.js';
import { isSafe, type MigrationPlan, planMigration } from './plan.js';
import { differences } from './same.js';
import { hasUndoable } from './undoable.js';

type Migrate = MessageOf<typeof MigrateRun>['data'];

/** Versions that the log of one run holds, besides the first: each of them whole. */
export const MIGRATIONS_MAX = 20;

/** Lets an open run go on as another version of its workflow says, or says why it cannot. */
export function migrate(
  draft: DecisionDraft,
  { commandId, by, reason, version, map }: Migrate,
): Refusal | undefined {
  const { state, settings } = draft;
  const { name } = state.origin.workflow;
  const target = settings.published(name, version);
  const refused = whyNotMigrate(state, version, target, map);
  if (refused !== undefined || target === undefined) return refused;
  const plan = planMigration(state, target, map, draft.now, settings);
  if (!isSafe(plan)) return unsafe(plan);
  const { workflow: from } = state.origin;
  draft.emit(
    RunMigrated({
      commandId,
      by,
      reason,
      from: { version: from.version, hash: from.hash },
      workflow: { name, version, hash: target.hash },
      compiled: target,
      ...(map === undefined || Object.keys(map).length === 0 ? {} : { map }),
      deadline: plan.deadline,
      added: namesOf(plan, 'new'),
      removed: namesOf(plan, 'removed'),
      undoneAsBefore: undoneAsBefore(state, target, map),
    }),
  );
  return undefined;
}

/** Why a run goes on as no other version says, or not as this one, whatever it has done. */
export function whyNotMigrate(
  state: RunState,
  version: number,
  target: CompiledWorkflow | undefined,
  map: Migrate['map'],
): Refusal | undefined {
  const { workflow, compiled } = state.origin;
  if (state.end !== null) return ['run.ended', `the run had ended: it is ${state.end.status}`];
  if (state.rollback !== null || isRunEnding(state)) return ['run.ending', 'the run is ending already'];
  if (state.parked !== null) return ['migrate.parked', 'a decision of the run broke: resume it first'];
  if (hasWaitingParent(state))
    return ['migrate.child', 'the run above waits for this one, and pins its version'];
  if (version === workflow.version)
    return ['migrate.same_version', `the run is of version ${version} already`];
  if (target === undefined)
    return ['migrate.unknown_version', `no version ${version} of ${workflow.name} is known here`];
  if ((state.migrations ?? []).length >= MIGRATIONS_MAX)
    return ['migrate.too_often', `the run was migrated ${MIGRATIONS_MAX} times: no more is possible`];
  const wrong = misnamed(map, compiled, target);
  return wrong === undefined ? undefined : ['migrate.map', wrong];
}

/** Obstacles that one sentence names. */
const NAMED_MAX = 5;

function unsafe({ steps, obstacles }: MigrationPlan): Refusal {
  const all = [
    ...obstacles.map(({ field, reason, fix }) => `${field}: ${reason} (${fix})`),
    ...steps.flatMap(({ step, obstacles: own }) =>
      own.map(({ field, reason, fix }) => `step ${step}, ${field}: ${reason} (${fix})`),
    ),
  ];
  const more = all.length > NAMED_MAX ? `; and ${all.length - NAMED_MAX} more` : '';
  return ['migrate.unsafe', `${all.slice(0, NAMED_MAX).join('; ')}${more}`.slice(0, 4_000)];
}

const namesOf = ({ steps }: MigrationPlan, as: 'new' | 'removed'): string[] =>
  steps.filter((one) => one.as === as).map(({ step }) => step);

/** Steps that are other ones there, and whose writes can still be undone. */
function undoneAsBefore(state: RunState, target: CompiledWorkflow, map: Migrate['map']): string[] {
  const { steps } = state.origin.compiled;
  const rename = renaming(map);
  const places = placesIn(state.origin.compiled, target, rename);
  const begun = begunSteps(state);
  return steps
    .filter((before, at) => {
      const step = at as StepIndex;
      const after = target.steps[places[at] ?? -1];
      const isOther =
        after !== undefined && (after.id !== before.id || differences(before, after, rename).length > 0);
      return begun.has(step) && isOther && hasUndoable(state, step);
    })
    .map(({ id }) => id);
}
