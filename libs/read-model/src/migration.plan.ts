import { instantText, type StepNames } from '@interlock/contracts';
import type { MigrationPlanShown } from '@interlock/contracts/http';
import type { CompiledWorkflow } from '@interlock/language';
import { isSafe, type Published, planMigration, type RunState, whyNotMigrate } from '@interlock/run';

/** What is asked of a run: the version that it should have, as it is published; undefined: it is not. */
export interface MigrationQuestion {
  readonly version: number;
  readonly target: CompiledWorkflow | undefined;
  readonly map: StepNames | undefined;
  /** UTC ms. */
  readonly now: number;
}

/**
 * What would become of a run by the rules of its actor.
 * @param stateAt its state, as `ReadModel.stateAt` has it
 */
export function migrationPlanOf(
  stateAt: string,
  { version, target, map, now }: MigrationQuestion,
  published: Published,
): MigrationPlanShown {
  const { runId, seq, state } = JSON.parse(stateAt) as { runId: string; seq: number; state: RunState };
  const about = { runId, lastSeq: seq, from: state.origin.workflow.version, to: version };
  const refused = whyNotMigrate(state, version, target, map);
  if (refused !== undefined || target === undefined) {
    const [code, message] = refused ?? [];
    return {
      ...about,
      safe: false,
      ...(code === undefined || message === undefined ? {} : { refusal: { code, message } }),
      obstacles: [],
      steps: [],
    };
  }
  const plan = planMigration(state, target, map, now, published);
  const { steps, obstacles, deadline } = plan;
  return {
    ...about,
    safe: isSafe(plan),
    deadline: instantText(deadline),
    obstacles: [...obstacles],
    steps: steps.map((step) => ({ ...step, obstacles: [...step.obstacles] })),
  };
}
