import type { DecisionDraft } from '../decision.draft.js';
import { hasWaitingParent } from '../family/state.js';
import { jsonBytes } from '../json-bytes.js';
import type { Settings } from '../options.js';
import type { RunState } from '../state.js';

/** As JSON. With more of it a run cannot be taken up again: what it keeps is held in memory until then. */
const KEPT_BYTES_MAX = 400 * 1024;

/** Says of the end of a run that it may be taken up again; nobody else takes up a child but the run above it. */
export function resumableMark({ state, settings }: DecisionDraft): { readonly resumable?: true } {
  const isKept =
    settings.resumeWithinMs > 0 &&
    !hasWaitingParent(state) &&
    state.origin.compiled.steps.length > 0 &&
    jsonBytes(state) <= KEPT_BYTES_MAX;
  return isKept ? { resumable: true } : {};
}

/** When a run that has ended forgets what it would take to go on, UTC ms; undefined: it has. */
export const lapsesAt = ({ end }: RunState, { resumeWithinMs }: Settings): number | undefined =>
  end?.resumable === true ? end.at + resumeWithinMs : undefined;
