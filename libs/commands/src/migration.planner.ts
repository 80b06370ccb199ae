import type { PublishedArtifact, StepNames, ToolManifest } from '@interlock/contracts';
import type { MigrationPlanShown, Run } from '@interlock/contracts/http';
import type { CompiledWorkflow } from '@interlock/language';
import { migrationPlanOf, type ReadModel } from '@interlock/read-model';

interface Artifacts {
  get(kind: 'workflow', name: string, version: number): PublishedArtifact | undefined;
  byHash(hash: string): PublishedArtifact | undefined;
}

/** Says what would become of a run if it were migrated; writes nothing. */
export class MigrationPlanner {
  constructor(
    readonly readModel: Pick<ReadModel, 'stateAt'>,
    readonly artifacts: Artifacts,
    readonly now: () => number,
  ) {}

  /** undefined: the run has no event yet */
  async plan(
    { runId, workflow }: Pick<Run, 'runId' | 'workflow'>,
    version: number,
    map: string | undefined,
  ): Promise<MigrationPlanShown | undefined> {
    const state = await this.readModel.stateAt(runId, undefined);
    if (state === undefined) return undefined;
    // Nothing but what the registry has compiled is published so.
    const target = this.artifacts.get('workflow', workflow.name, version)?.compiled as
      | CompiledWorkflow
      | undefined;
    return migrationPlanOf(
      state,
      { version, target, map: namesIn(map), now: this.now() },
      {
        workflow: (hash) => this.artifacts.byHash(hash),
        tool: (hash) => this.artifacts.byHash(hash)?.document as ToolManifest | undefined,
      },
    );
  }
}

/** `old=new,other=another` */
const namesIn = (text: string | undefined): StepNames | undefined =>
  text === undefined
    ? undefined
    : Object.fromEntries(text.split(',').map((pair) => pair.split('=', 2) as [string, string]));
