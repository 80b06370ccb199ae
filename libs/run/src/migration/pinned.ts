import { hashOf } from '@interlock/contracts';
import type { CallState } from '../call/state.js';
import type { CallIndex } from '../indices.js';
import { type Called, calledAt } from '../scope/called.js';
import type { RunState } from '../state.js';
import { getItem, indicesOf, setItem } from '../tree.js';
import type { EarlierCall } from './state.js';
import { takenBy } from './takes.js';

/**
 * Calls that were made as the version before says stay as they are: how they are recovered and undone, and the name of the step. Each way is
 * kept once, however many calls were made in it.
 *
 * @param isLeft whether what says how the call is made stays there
 */
export function pinned(
  before: RunState,
  isLeft: (call: CallState) => boolean,
): Pick<RunState, 'calls' | 'earlier'> {
  let { calls } = before;
  const earlier = [...(before.earlier ?? [])];
  const places = new Map(earlier.map((made, at) => [hashOf(made), at]));
  for (const index of indicesOf(calls)) {
    const call = getItem(calls, index);
    if (call === undefined || call.made !== undefined || isActing(call) || isLeft(call)) continue;
    const { step, ...made } = calledBefore(before, index);
    const key = hashOf(made);
    const at = places.get(key) ?? earlier.push(made) - 1;
    places.set(key, at);
    calls = setItem(calls, index, { ...call, made: { as: at, step } });
  }
  return earlier.length === 0 ? { calls } : { calls, earlier };
}

/** What undoes or asks follows from the call that it is about. */
const isActing = ({ owner }: CallState): boolean =>
  owner.kind === 'compensation' || owner.kind === 'verification';

/** As JSON has it. */
function calledBefore(state: RunState, call: CallIndex): EarlierCall & Pick<Called, 'step'> {
  const { compensate, recovery, retry, ...called } = calledAt(state, call);
  const { tool, version, toolHash, effect, timeoutMs, timeout, step } = called;
  const undoTakes = compensate === undefined ? undefined : takenBy(state, compensate.tool.toolHash);
  return {
    ...{ tool, version, toolHash, effect, timeoutMs, timeout, step },
    ...(recovery === undefined ? {} : { recovery }),
    ...(compensate === undefined ? {} : { compensate }),
    ...(undoTakes === undefined ? {} : { undoTakes }),
    ...(retry === undefined ? {} : { retry }),
  };
}
