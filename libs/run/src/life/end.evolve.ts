import type { RunEvent } from '@interlock/contracts';
import { callAt } from '../call/calls.js';
import { calledAt } from '../scope/called.js';
import type { RunState } from '../state.js';
import { emptyTree, itemsOf } from '../tree.js';
import type { RunEnd } from './state.js';

type Ending = Extract<
  RunEvent,
  { type: 'run.completed' | 'run.failed' | 'run.cancelled' | 'run.rolled_back' | 'run.escalated' }
>;

/** After its terminal event a run keeps what late inputs need; `keep` leaves the rest in place for readers. */
export function ended(state: RunState, event: Ending, keep: boolean): RunState {
  const end: RunEnd = { ...reason(event), at: state.time, writes: writesOf(state), late: [] };
  const open = { active: [], ready: [], openRequests: [], openApprovals: [], unjudged: [], signals: [] };
  const done: RunState = { ...state, ...open, paused: null, parked: null, rollback: null, end };
  if (keep) return done;
  const { compiled } = state.origin;
  const shell = { ...compiled, steps: [], inputSchema: {}, output: undefined };
  return {
    ...done,
    origin: { ...state.origin, input: null, compiled: shell },
    steps: emptyTree(),
    calls: emptyTree(),
    requests: emptyTree(),
    approvals: emptyTree(),
    writes: emptyTree(),
  };
}

const STATUS = {
  'run.failed': 'failed',
  'run.rolled_back': 'rolled_back',
  'run.escalated': 'escalated',
} as const;

function reason(event: Ending): Pick<RunEnd, 'status' | 'output' | 'success' | 'failure' | 'step'> {
  switch (event.type) {
    case 'run.completed':
      return { status: 'completed', output: event.data.output ?? null, success: event.data.success };
    case 'run.cancelled':
      return { status: 'cancelled' };
    case 'run.failed':
    case 'run.rolled_back':
    case 'run.escalated': {
      const { failure, step } = event.data;
      const status = STATUS[event.type];
      return step === undefined ? { status, failure } : { status, failure, step };
    }
  }
}

function writesOf(state: RunState): RunEnd['writes'] {
  const known = hashesOfHappened(state);
  return itemsOf(state.requests).flatMap(({ seq, call }) => {
    const { step, effect } = calledAt(state, call);
    return effect === 'read' ? [] : [{ seq, step, happened: known.has(callAt(state, call).hash) }];
  });
}

function hashesOfHappened(state: RunState): ReadonlySet<string> {
  const calls = itemsOf(state.calls).filter(({ at }) => at.phase === 'happened');
  const writes = itemsOf(state.writes).filter(({ abandoned }) => abandoned !== true);
  return new Set([...calls, ...writes.map(({ call }) => callAt(state, call))].map(({ hash }) => hash));
}
