import type { RunState } from '../state.js';

/** Something that waits for an operator: a step, or with an empty path the run, since an instant. */
export interface Parked {
  readonly step: string;
  readonly since: number;
}

/** Others are to look at it too. */
export const isRisen = ({ risen = [] }: RunState, { step, since }: Parked): boolean =>
  risen.some((one) => one.step === step && one.since === since);

/** Whose turn it is; undefined: the workflow does not say. */
export function rolesFor(state: RunState, parked: Parked): readonly string[] | undefined {
  const { escalation } = state.origin.compiled;
  if (escalation?.rises === undefined || !isRisen(state, parked)) return escalation?.to;
  return [...new Set([...escalation.to, ...escalation.rises.to])];
}
