import type { StepNames } from '@interlock/contracts';
import type { CompiledWorkflow } from '@interlock/language';
import type { StepIndex } from '../indices.js';
import { workflowIndexOf } from '../scope/workflow.index.js';
import type { Rename } from './same.js';

export const renaming =
  (map: StepNames | undefined): Rename =>
  (id) =>
    map !== undefined && Object.hasOwn(map, id) ? (map[id] ?? id) : id;

/** Where the steps of the workflow itself stand in another version, in the order of the version before; undefined: it has no such step. */
export function placesIn(
  before: CompiledWorkflow,
  after: CompiledWorkflow,
  rename: Rename,
): readonly (StepIndex | undefined)[] {
  const { all } = workflowIndexOf(after);
  const places = new Map(after.steps.map(({ id }, at) => [id, all[at]]));
  return before.steps.map(({ id }) => places.get(rename(id)));
}

/** What is wrong with the names of a map; undefined: nothing. */
export function misnamed(
  map: StepNames | undefined,
  before: CompiledWorkflow,
  after: CompiledWorkflow,
): string | undefined {
  const [old, other] = [idsOf(before), idsOf(after)];
  const rename = renaming(map);
  for (const [from, to] of Object.entries(map ?? {})) {
    if (!old.has(from)) return `the version that the run has knows no step ${from}`;
    if (!other.has(to)) return `version ${after.version} has no step ${to}`;
  }
  const seen = new Set<string>();
  for (const id of old) {
    const to = rename(id);
    if (seen.has(to)) return `two steps would be ${to}: map the one that is called so to another one too`;
    if (other.has(to)) seen.add(to);
  }
  return undefined;
}

const idsOf = ({ steps }: CompiledWorkflow): ReadonlySet<string> => new Set(steps.map(({ id }) => id));
