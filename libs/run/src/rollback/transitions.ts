import type { WriteIndex } from '../indices.js';
import type { Machine } from '../machine.js';
import type { RunState } from '../state.js';
import { indicesOf } from '../tree.js';
import { isOfChild } from './state.js';
import { undoneBy, writeAt } from './writes.js';

type Phase = 'none' | 'happened' | 'abandoned' | 'undoing' | 'undone' | 'standing';

/** A write of a step, up to the end of a rollback. */
export const writeMachine: Machine<Phase> = {
  table: {
    none: {
      'call.recorded': ['happened'],
      'call.late_recorded': ['happened'],
      'call.doubt_resolved': ['happened'],
      'step.resolved': ['happened'],
      // A person went on without knowing whether it has happened.
      'step.skipped': ['abandoned'],
      // It completed, or something of it stands.
      'child.ended': ['happened', 'standing'],
    },
    // Nothing undoes it, or the call that does so cannot be made.
    happened: {
      'call.requested': ['undoing'],
      'child.undo_requested': ['undoing'],
      'step.compensation_failed': ['standing'],
    },
    undoing: {
      'step.compensated': ['undone'],
      'step.compensation_failed': ['standing'],
      'child.undone': ['undone', 'standing'],
    },
    abandoned: {},
    undone: {},
    // It is to be undone, should the run have to undo what it did once more.
    standing: { 'run.reopened': ['happened'] },
  },
  before: 'none',
  phases: (state) => indicesOf(state.writes).map((write) => phaseOf(state, write)),
  input: ({ type }) => type,
};

function phaseOf(state: RunState, write: WriteIndex): Phase {
  const found = writeAt(state, write);
  if (found.settled !== undefined) return found.settled.as;
  if (isOfChild(found)) return state.rollback?.child === found.child ? 'undoing' : 'happened';
  if (found.abandoned === true) return 'abandoned';
  const undoing = state.rollback?.call;
  return undoing !== undefined && undoneBy(state, undoing) === write ? 'undoing' : 'happened';
}
