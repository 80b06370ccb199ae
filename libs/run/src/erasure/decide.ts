import type { Effect, RecordedEvent } from '@interlock/actors';
import {
  type EraseRun,
  type ErasureAnswer,
  type Identity,
  type MessageOf,
  type RunEvent,
  requestErasure,
  ValuesCounted,
  ValuesErased,
  ValuesErasing,
} from '@interlock/contracts';
import type { DecisionDraft } from '../decision.draft.js';
import { letterTo } from '../family/letter.js';
import type { Refusal } from '../life/commands.js';
import type { RunState } from '../state.js';

/*
 *   E1  Values are erased only of a family that has ended as a whole, and no run of it is taken up again behind that.
 *   E2  What is to be removed is counted and on record before the first of it goes, so that a process that dies in between changes no number.
 *   E3  It is done when the store has said so, and not before.
 */

/** Erases what the family keeps outside of the log, or says why not. */
export function erase(
  draft: DecisionDraft,
  { commandId, by, reason }: MessageOf<typeof EraseRun>['data'],
): Refusal | undefined {
  const { end, origin } = draft.state;
  if (end === null) return ['run.open', 'the run has not ended: it may need its values'];
  const erased = refusedAsErased(draft);
  if (erased !== undefined) return erased;
  if (origin.rootRunId !== draft.key)
    return ['erase.child', `its values lie with those of ${origin.rootRunId}: erase those`];
  if (draft.settings.values === undefined)
    return ['erase.no_store', 'the orchestrator has no store: it needs INTERLOCK_STORE_URL'];
  // E1
  const open = draft.kin().find(({ state }) => state.end === null);
  if (open !== undefined) return ['erase.open', `run ${open.key} below it has not ended`];
  draft.emit(ValuesErasing({ commandId, by, reason }));
  tellTheRest(draft, { by, reason });
  return undefined;
}

/** Why the run is not taken up again; undefined: its values are there. */
export function refusedAsErased({ state, key, kin }: DecisionDraft): Refusal | undefined {
  const { rootRunId } = state.origin;
  // E1: the one above all may have said it, and this one may not have heard of it yet.
  const root = rootRunId === key ? undefined : kin().find((one) => one.key === rootRunId)?.state;
  const erasure = state.erasure ?? root?.erasure;
  return erasure && ['run.erased', `its values are erased, by order of ${erasure.by}: ${erasure.reason}`];
}

/** The run above all has been told to erase: this one goes with it. */
export function eraseWithRoot(
  draft: DecisionDraft,
  { by, reason }: { readonly by: Identity; readonly reason: string },
): undefined {
  const { end, erasure, origin } = draft.state;
  const root = origin.rootRunId;
  if (erasure !== undefined) return draft.tell([answerToRoot(draft.key, root)]);
  if (end === null) return;
  draft.emit(ValuesErasing({ commandId: `${draft.key}/erased with ${root}`, by, reason, root }));
}

/** A run below has said that it goes along: the last one of them begins the work. */
export function onKinErasing(draft: DecisionDraft): undefined {
  if (draft.state.erasure?.phase === 'ordered' && theRest(draft).length === 0)
    draft.tell([requestErasure(draft.key, 'count')]);
}

/** The store has answered. */
export function onErasureAnswer(draft: DecisionDraft, { what, values, bytes }: ErasureAnswer): undefined {
  const { erasure } = draft.state;
  if (what === 'count' && erasure?.phase === 'ordered' && theRest(draft).length === 0)
    draft.emit(ValuesCounted({ values, bytes }));
  if (what === 'remove' && erasure?.phase === 'removing')
    draft.emit(ValuesErased({ values: erasure.values, bytes: erasure.bytes }));
}

/** After a change of host all that it waits for is asked for once more. */
export function eraseAgain(draft: DecisionDraft): undefined {
  const { erasure } = draft.state;
  if (erasure?.phase === 'removing') draft.tell([requestErasure(draft.key, 'remove')]);
  if (erasure?.phase !== 'ordered') return;
  const by = { sub: erasure.by, roles: [] };
  tellTheRest(draft, { by, reason: erasure.reason });
  onKinErasing(draft);
}

/** What follows from an accepted event for the store, or for the run above all. */
export function erasureEffects(
  { type, data }: RecordedEvent<RunEvent>,
  { origin: { runId } }: RunState,
): readonly Effect[] {
  switch (type) {
    case 'values.erasing':
      return data.root === undefined ? [requestErasure(runId, 'count')] : [answerToRoot(runId, data.root)];
    case 'values.counted':
      return [requestErasure(runId, 'remove')];
    default:
      return [];
  }
}

const answerToRoot = (runId: string, root: string): Effect =>
  letterTo(runId, root, { kind: 'erasing', child: runId });

/** Runs below that have not said yet that they go along. */
const theRest = (draft: DecisionDraft) => draft.kin().filter(({ state }) => state.erasure === undefined);

function tellTheRest(
  draft: DecisionDraft,
  letter: { readonly by: Identity; readonly reason: string },
): undefined {
  draft.tell(theRest(draft).map(({ key }) => letterTo(draft.key, key, { kind: 'erase', ...letter })));
}
