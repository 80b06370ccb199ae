import type { JsonSchema } from '@interlock/schema';
import type { RunState } from '../state.js';

/** JSON Schema of what a tool takes: as the workflow says, or an earlier version of it that made what the tool undoes. */
export const takenBy = (
  { origin: { compiled }, earlier = [] }: Pick<RunState, 'origin' | 'earlier'>,
  toolHash: string,
): JsonSchema | undefined =>
  compiled.inputs[toolHash] ??
  earlier.find(({ compensate }) => compensate?.tool.toolHash === toolHash)?.undoTakes;
