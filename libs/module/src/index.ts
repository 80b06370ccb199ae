/*
 * What an author of a module writes against: types alone, so that a module needs nothing of ours when it runs. `defineTool` and `z` arrive
 * as arguments of its default export.
 */
import type { TableSource, WorkflowSource } from '@interlock/language';
import type { ModuleContents as Contents, ModuleKit } from '@interlock/tools';

export type {
  HttpStatusError,
  ModuleKit,
  ModulePolicy,
  ModulePrompt,
  ModuleSchema,
  RecoverySpec,
  Tool,
  ToolContext,
  ToolSpec,
} from '@interlock/tools';

/** A workflow document as an object of the YAML's form. */
export type Workflow = WorkflowSource;

/** A decision table: rules of a `decide` step, or of the baseline of an agent. */
export type Table = TableSource;

/** What a module brings. */
export interface ModuleContents extends Omit<Contents, 'workflows' | 'tables'> {
  /** Documents as objects, or as YAML text, which keeps its lines for what is wrong with it. */
  readonly workflows?: readonly (string | Workflow)[];
  readonly tables?: readonly Table[];
}

/** The default export of a module file. */
export type Module = (kit: ModuleKit) => ModuleContents | Promise<ModuleContents>;
