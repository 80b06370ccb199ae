import type { Decision, Input } from '@interlock/actors';
import type { RunState } from '@interlock/run';
import type { PlantedBug } from '@interlock/simulation';
import { type AnyActor, believing, changingEvents, wrapping } from './wrapped.actor.ts';

const orchestrator = 'orchestrator';

/** A letter of this kind comes to a run. */
const brings = (input: Input, kind: string): boolean =>
  input.kind === 'result' && (input.result as { kind: string }).kind === kind;

/** A host that takes over does not ask what has become of children. */
function askingNobody(actor: AnyActor): Partial<AnyActor> {
  return {
    decide(input, state, context, key) {
      const decision = actor.decide(input, state, context, key);
      return input.kind === 'recovered' ? { ...decision, start: [] } : decision;
    },
  };
}

/** Whoever is told to undo what it did says that it has. */
function undoingNothing(actor: AnyActor): Partial<AnyActor> {
  return {
    decide(input, state, context, key): Decision<never> | ReturnType<AnyActor['decide']> {
      const parent = (state as RunState | undefined)?.origin.parent;
      if (parent === undefined || !brings(input, 'undo')) return actor.decide(input, state, context, key);
      const data = { kind: 'undone', child: key };
      return { events: [], start: [{ id: `${key}/lie`, kind: 'letter', data, to: parent.runId }] };
    },
  };
}

export const familyBugs: readonly PlantedBug[] = [
  {
    name: 'children-forgotten',
    wrong: 'after a change of host a run does not ask for its children again',
    by: ['I10', 'I17'],
    spec: wrapping(orchestrator, askingNobody),
  },
  {
    name: 'children-outlive',
    wrong: 'a run that is cancelled or fails does not wait for its children',
    by: ['I17'],
    spec: wrapping(
      orchestrator,
      believing((state) =>
        state.failed === null && state.cancelling === null ? state : { ...state, children: [] },
      ),
    ),
  },
  {
    name: 'children-unbounded',
    wrong: 'a child may use what its workflow says, whatever its parent has left',
    by: ['I7', 'I17'],
    spec: wrapping(
      orchestrator,
      changingEvents((event) => {
        if (event.type !== 'run.started') return event;
        const { budget: _, ...data } = event.data as { readonly budget?: unknown };
        return { ...event, data };
      }),
    ),
  },
  {
    name: 'children-unpaid',
    wrong: 'a run does not count what its children have used',
    by: ['I17'],
    spec: wrapping(
      orchestrator,
      changingEvents((event) => {
        if (event.type !== 'child.ended') return event;
        const used = { tokens: 0, costUsd: 0, steps: 0, toolCalls: 0 };
        return { ...event, data: { ...(event.data as object), used } };
      }),
    ),
  },
  {
    name: 'children-stand',
    wrong: 'a child that is told to undo what it did says so, and does nothing',
    by: ['I17'],
    spec: wrapping(orchestrator, undoingNothing),
  },
];
