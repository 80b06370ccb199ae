import type { RunEvent } from '@interlock/contracts';
import type {} from '../indices.js';
import { definitionAt, stepAt } from '../scope/workflow.index.js';
import type { RunEnd, RunState } from '../state.js';
import { emptyTree, itemsOf } from '../tree.js';

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
  const writes: RunEnd['writes'][number][] = [];
  const known = hashesOfWrites(state);
  for (const callRequest of itemsOf(state.requests)) {
    if (callRequest.effect !== 'write') continue;
    const { call } = stepAt(state, callRequest.step);
    const happened =
      known.has(callRequest.hash) || (call?.hash === callRequest.hash && call.result === 'happened');
    writes.push({ seq: callRequest.seq, step: definitionAt(state, callRequest.step).id, happened });
  }
  return writes;
}

function hashesOfWrites({ writes }: RunState): ReadonlySet<string> {
  const hashes = new Set<string>();
  for (const { hash, abandoned } of itemsOf(writes)) {
    if (abandoned !== true) hashes.add(hash);
  }
  return hashes;
}
