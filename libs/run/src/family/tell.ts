import type { Effect, RecordedEvent } from '@interlock/actors';
import { type RunEvent, saltOfChild, terminalEventTypes } from '@interlock/contracts';
import type { RunState } from '../state.js';
import { type Letter, letterTo, type StartLetter, type ToChild } from './letter.js';
import { reportOf } from './report.js';
import { hasWaitingParent, type OpenChild, openChild, openChildren } from './state.js';

/** What follows from an accepted event for the parent or a child (N1). */
export function lettersOf(event: RecordedEvent<RunEvent>, state: RunState | undefined): readonly Effect[] {
  if (state === undefined) return [];
  const { type, data } = event;
  const child = 'runId' in data ? openChild(state, data.runId) : undefined;
  switch (type) {
    case 'child.requested':
      return child?.at.phase === 'requested' ? told(state, child, startOf(state, child)) : [];
    case 'child.cancel_requested':
      return child === undefined ? [] : cancelling(state, child);
    case 'child.undo_requested':
      return undoing(state);
    case 'run.started':
      return tellParent(state, { kind: 'started', child: state.origin.runId });
    default:
      return terminalEventTypes.has(type) && hasWaitingParent(state)
        ? tellParent(state, reportOf(state))
        : [];
  }
}

/** Everything that a run waits for of its children, asked for once more (N3). */
export const askedAgain = (state: RunState): readonly Effect[] => [
  ...openChildren(state).flatMap((child) => askedOf(state, child)),
  ...undoing(state),
];

/** The same of one child. */
export function askedOf(state: RunState, child: OpenChild): readonly Effect[] {
  const first: ToChild = child.at.phase === 'requested' ? startOf(state, child) : { kind: 'report' };
  return [...told(state, child, first), ...cancelling(state, child)];
}

export function tellParent({ origin: { runId, parent } }: RunState, letter: Letter): readonly Effect[] {
  return parent === undefined ? [] : [letterTo(runId, parent.runId, letter)];
}

const told = ({ origin }: RunState, { runId }: Pick<OpenChild, 'runId'>, letter: ToChild) => [
  letterTo(origin.runId, runId, letter),
];

function cancelling(state: RunState, child: OpenChild): readonly Effect[] {
  if (child.cancel === undefined) return [];
  const { reason, rollback } = child.cancel;
  const { by, runId: parent } = state.origin;
  return told(state, child, { kind: 'cancel', by, parent, reason, rollback });
}

function undoing(state: RunState): readonly Effect[] {
  const child = state.rollback?.child;
  if (child === undefined) return [];
  const { by, runId } = state.origin;
  return told(
    state,
    { runId: child },
    { kind: 'undo', by, reason: `run ${runId} above it undoes what it did` },
  );
}

function startOf({ origin }: RunState, child: OpenChild): StartLetter {
  const { runId, rootRunId, by, salt, parent } = origin;
  const { step, workflow, budget, deadline, at } = child;
  if (at.phase !== 'requested') throw new Error(`child ${child.runId} has started already`);
  const { input, inherited, shapedBy } = at;
  return {
    kind: 'start',
    parent: {
      runId,
      step: step as StartLetter['parent']['step'],
      depth: (parent?.depth ?? 0) + 1,
      ...(budget === undefined ? { detached: true } : {}),
    },
    rootRunId,
    by,
    salt: saltOfChild(salt, child.runId),
    workflow,
    input,
    shapedBy,
    ...(budget === undefined ? {} : { budget }),
    ...(deadline === undefined ? {} : { deadline }),
    ...(inherited === undefined ? {} : { inherited }),
  };
}
