import type { TerminalEvent } from '@interlock/contracts';
import { callAt } from '../call/calls.js';
import type { DataOf, EvolveBy, Folding } from '../evolving.js';
import { endForParent } from '../family/report.js';
import { hasWaitingParent } from '../family/state.js';
import { without } from '../lists.js';
import { isOfCall } from '../rollback/state.js';
import { calledAt } from '../scope/called.js';
import { leaveTurn } from '../scope/leave.js';
import type { RunState } from '../state.js';
import { emptyTree, itemsOf } from '../tree.js';
import type { RunEnd } from './state.js';

type Ending = Pick<RunEnd, 'status' | 'output' | 'success' | 'failure' | 'step' | 'resumable'>;

/** After its terminal event a run keeps what late inputs need; `keep` leaves the rest in place for readers. */
function ended(state: RunState, ending: Ending, folding: Folding): RunState {
  const end: RunEnd = {
    ...ending,
    at: state.time,
    ...forParent(state, ending),
    writes: writesOf(state),
    late: [],
  };
  const open = {
    active: [],
    ready: [],
    openRequests: [],
    openApprovals: [],
    unjudged: [],
    signals: [],
    scopes: [],
  };
  const left = ending.resumable === true ? withoutTurns(state) : state;
  const done: RunState = { ...left, ...open, paused: null, parked: null, rollback: null, end };
  const mayUndo = ending.status === 'completed' && end.family?.wrote === true;
  return mayUndo || ending.resumable === true ? done : forgotten(done, folding);
}

/** What is taken up again begins its bodies anew. */
const withoutTurns = (state: RunState): RunState =>
  state.scopes.toReversed().reduce((left, { place }) => {
    const scope = left.scopes.find((one) => one.place === place);
    return scope === undefined ? left : leaveTurn(left, scope);
  }, state);

/** Without what only a run needs that goes on. */
export function forgotten(state: RunState, { keepFinished }: Folding): RunState {
  if (keepFinished) return state;
  const { compiled } = state.origin;
  const shell = { ...compiled, steps: [], inputSchema: {}, output: undefined };
  return {
    ...without(state, 'earlier'),
    origin: { ...state.origin, input: null, compiled: shell },
    steps: emptyTree(),
    calls: emptyTree(),
    requests: emptyTree(),
    approvals: emptyTree(),
    writes: emptyTree(),
  };
}

/** A run that may have to undo what it did keeps what that takes. */
const forParent = (state: RunState, { status }: Ending): Pick<RunEnd, 'family'> =>
  hasWaitingParent(state) ? { family: endForParent(state, status === 'completed') } : {};

type Failed = 'failed' | 'rolled_back' | 'escalated';

const failed = (
  status: Failed,
  { failure, step }: Pick<DataOf<`run.${Failed}`>, 'failure' | 'step'>,
  resumable?: true,
): Ending => ({
  status,
  failure,
  ...(step === undefined ? {} : { step }),
  ...(resumable === undefined ? {} : { resumable }),
});

export const endEvents: EvolveBy<TerminalEvent['type']> = {
  'run.completed': (state, { output, success }, folding) =>
    ended(state, { status: 'completed', output: output ?? null, success }, folding),
  'run.cancelled': (state, _, folding) => ended(state, { status: 'cancelled' }, folding),
  'run.failed': (state, data, folding) => ended(state, failed('failed', data, data.resumable), folding),
  'run.rolled_back': (state, data, folding) => ended(state, failed('rolled_back', data), folding),
  'run.escalated': (state, data, folding) => ended(state, failed('escalated', data, data.resumable), folding),
};

function writesOf(state: RunState): RunEnd['writes'] {
  const known = hashesOfHappened(state);
  return itemsOf(state.requests).flatMap(({ seq, call }) => {
    const { step, effect } = calledAt(state, call);
    return effect === 'read' ? [] : [{ seq, step, happened: known.has(callAt(state, call).hash) }];
  });
}

function hashesOfHappened(state: RunState): ReadonlySet<string> {
  const calls = itemsOf(state.calls).filter(({ at }) => at.phase === 'happened');
  const writes = itemsOf(state.writes)
    .filter(isOfCall)
    .filter(({ abandoned }) => abandoned !== true);
  return new Set([...calls, ...writes.map(({ call }) => callAt(state, call))].map(({ hash }) => hash));
}
