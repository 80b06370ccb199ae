import { eventIdOf } from '../ids.js';
import type { RequestIndex } from '../indices.js';
import { findSeq } from '../lists.js';
import type { RunState } from '../state.js';
import { itemAt, setItem } from '../tree.js';
import type { RequestState, Revocation } from './state.js';

export const requestAt = (state: RunState, request: RequestIndex): RequestState =>
  itemAt(state.requests, request);

/** undefined: this run never requested it. */
export function findRequest(state: RunState, requestId: string): RequestIndex | undefined {
  const { runId } = state.origin;
  if (!requestId.startsWith(`${runId}/`)) return undefined;
  return findSeq(state.requests, Number(requestId.slice(runId.length + 1)));
}

/** @throws this run never requested it: then an event names what no event before it has brought */
export function requestOf(state: RunState, requestId: string): RequestIndex {
  const request = findRequest(state, requestId);
  if (request === undefined) throw new Error(`run ${state.origin.runId} has no request ${requestId}`);
  return request;
}

export const requestIdOf = ({ origin }: RunState, { seq }: RequestState): string =>
  eventIdOf(origin.runId, seq);

export const putRequest = (
  state: RunState,
  request: RequestIndex,
  change: Partial<RequestState>,
): RunState => ({
  ...state,
  requests: setItem(state.requests, request, { ...requestAt(state, request), ...change }),
});

/** Whether its executor still has to say what became of it. */
export const isOpen = ({ at }: RequestState): boolean => at.status === 'open' || at.status === 'revoked';

/** Why it was revoked, even after it has ended; undefined: it was not. */
export const revocationOf = ({ at }: RequestState): Revocation | undefined => {
  if (at.status === 'open') return undefined;
  return at.status === 'revoked' ? at.because : at.revoked;
};
