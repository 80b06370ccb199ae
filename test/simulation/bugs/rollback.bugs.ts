import type { Input } from '@interlock/actors';
import { callAt, callOf, type RunState } from '@interlock/run';
import type { PlantedBug } from '@interlock/simulation';
import { repeatingWrites } from './repeating.actor.ts';
import { type AnyActor, believing, withData, wrapping } from './wrapped.actor.ts';

/** Small enough for one node, as the states of simulated runs are. */
const isFlat = ({ depth }: { readonly depth: number }): boolean => depth === 1;

type Step = RunState['active'][number];

const nothingWritten: RunState['writes'] = { size: 0, depth: 1, root: [] };

const isResumed = ({ end }: RunState, input: Input): boolean =>
  end !== null && input.kind === 'message' && input.message.type === 'run.resume';

function inDoubt(state: RunState, step: Step): boolean {
  const call = callOf(state, step);
  return call !== undefined && callAt(state, call).doubt !== undefined;
}

/** An attempt to undo something that nobody answered failed, and is made again. */
function undoingByHope(actor: AnyActor): Partial<AnyActor> {
  return {
    decide(input, state, context, key) {
      const isUndoing = (state as RunState | undefined)?.rollback != null;
      if (input.kind !== 'message' || input.message.type !== 'tool.outcome_unknown' || !isUndoing)
        return actor.decide(input, state, context, key);
      const failure = { class: 'transient', code: 'hope', message: '' };
      const message = { ...withData(input.message, { failure, tookMs: 0 }), type: 'tool.failed' };
      return actor.decide({ kind: 'message', message }, state, context, key);
    },
  };
}

const orchestrator = 'orchestrator';

export const rollbackBugs: readonly PlantedBug[] = [
  {
    name: 'undone-in-order',
    wrong: 'a run begins to undo with what it did first',
    by: ['I14'],
    spec: wrapping(
      orchestrator,
      believing((state) =>
        isFlat(state.writes) && state.rollback === null
          ? { ...state, writes: { ...state.writes, root: [...state.writes.root].reverse() } }
          : state,
      ),
    ),
  },
  {
    name: 'undone-in-doubt',
    wrong: 'a run undoes what it did while nobody knows whether one of its writes has happened',
    by: ['I14'],
    spec: wrapping(
      orchestrator,
      believing((state) =>
        state.failed === null && state.cancelling === null
          ? state
          : { ...state, active: state.active.filter((step) => !inDoubt(state, step)) },
      ),
    ),
  },
  {
    name: 'undone-by-hope',
    wrong: 'a compensation of unknown outcome is made again',
    by: ['I14'],
    spec: wrapping(orchestrator, undoingByHope),
  },
  {
    name: 'undone-again',
    wrong: 'a new host of the executor makes compensations without an answer again',
    by: ['I5', 'I14'],
    spec: wrapping(
      'tool-executor',
      repeatingWrites((tool) => tool.startsWith('back.')),
    ),
  },
  {
    name: 'written-anew',
    wrong: 'a run that is taken up again makes writes anew that stand',
    by: ['I14'],
    spec: wrapping(
      orchestrator,
      believing((state, input) => (isResumed(state, input) ? { ...state, writes: nothingWritten } : state)),
    ),
  },
  {
    name: 'nothing-to-undo',
    wrong: 'a run forgets the last write that it would have to undo',
    by: ['I6', 'I14'],
    spec: wrapping(
      orchestrator,
      believing((state) => {
        const { writes, rollback, failed, cancelling } = state;
        if (!isFlat(writes) || rollback !== null || (failed === null && cancelling === null)) return state;
        return { ...state, writes: { ...writes, size: Math.max(0, writes.size - 1) } };
      }),
    ),
  },
];
