import type { RunState } from '@interlock/run';
import type { PlantedBug } from '@interlock/simulation';
import { type AnyActor, believing, wrapping } from './wrapped.actor.ts';

const orchestrator = 'orchestrator';

const isMigrated = ({ migrations }: RunState): boolean => migrations !== undefined;

/** Whoever asks to migrate it is told what would be told of a run that has done nothing. */
function migratingBlindly(actor: AnyActor): Partial<AnyActor> {
  return {
    decide(input, state, context, key) {
      const isAsked = input.kind === 'message' && input.message.type === 'run.migrate';
      if (!isAsked || state === undefined) return actor.decide(input, state, context, key);
      const blind = { ...(state as RunState), ...nothingDone };
      const { events } = actor.decide(input, blind, context, key);
      const at = events.findIndex(({ type }) => type === 'run.migrated');
      return at < 0 ? actor.decide(input, state, context, key) : { events: events.slice(0, at + 1) };
    },
  };
}

const nothing = { size: 0, depth: 1, root: [] };
const nothingDone = {
  steps: nothing,
  calls: nothing,
  writes: nothing,
  scopes: [],
  active: [],
} as unknown as Partial<RunState>;

/** Without how calls were made before. */
const asNow = (node: RunState['calls']['root']): RunState['calls']['root'] =>
  node.map((part) => {
    if (Array.isArray(part)) return asNow(part);
    if (part === null) return part;
    const { made: _, ...call } = part as RunState['calls']['root'][number] & { made?: unknown };
    return call as typeof part;
  });

export const migrationBugs: readonly PlantedBug[] = [
  {
    name: 'migrated-blindly',
    wrong: 'a run is migrated whatever it has done',
    by: ['I20'],
    spec: wrapping(orchestrator, migratingBlindly),
  },
  {
    name: 'migrated-and-forgotten',
    wrong: 'a run that was migrated forgets what is under way',
    by: ['I10'],
    spec: wrapping(
      orchestrator,
      believing((state) => (isMigrated(state) ? { ...state, active: [] } : state)),
    ),
  },
  {
    name: 'undone-as-now',
    wrong: 'what a run wrote before it was migrated is undone as if its new version had written it',
    by: ['I14'],
    spec: wrapping(
      orchestrator,
      believing((state) => ({ ...state, calls: { ...state.calls, root: asNow(state.calls.root) } })),
    ),
  },
];
