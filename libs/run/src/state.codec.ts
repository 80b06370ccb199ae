import { internWorkflow } from './scope/workflow.index.js';
import { type RunState, STATE_VERSION } from './state.js';

/** For the state cache. */
export const encodeState = (state: RunState): string => JSON.stringify({ version: STATE_VERSION, state });

/** undefined: written by another version of the fold, or not by it at all; the run is folded from its log instead. */
export function decodeState(text: string): RunState | undefined {
  let parsed: { version?: unknown; state?: RunState } | null;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (parsed?.version !== STATE_VERSION || parsed.state === undefined) return undefined;
  const { state } = parsed;
  const compiled = internWorkflow(state.origin.compiled);
  return { ...state, origin: { ...state.origin, compiled } };
}
