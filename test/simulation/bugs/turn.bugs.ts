import type { NewEvent } from '@interlock/actors';
import { callAt, type RunState } from '@interlock/run';
import type { PlantedBug } from '@interlock/simulation';
import { type AnyActor, believing, wrapping } from './wrapped.actor.ts';

type Scope = RunState['scopes'][number];
type Stored = Exclude<RunState['steps']['root'][number], null>;
/** What a step that has a body keeps of its turns, as far as it is falsified here. */
interface Kept {
  readonly kind?: string;
  readonly open?: number;
  readonly failures?: number;
  readonly last?: { readonly done: boolean };
  readonly results?: { readonly root: readonly unknown[] };
}

const orchestrator = 'orchestrator';
const bug = (
  name: string,
  wrong: string,
  wrap: (actor: AnyActor) => Partial<AnyActor>,
  by: readonly string[] = ['I19'],
): PlantedBug => ({ name, wrong, by, documents: 'drawn', spec: wrapping(orchestrator, wrap) });

/** The run with something else in what its steps keep. */
function keeping(state: RunState, change: (work: Kept) => Kept): RunState {
  const changed = (node: RunState['steps']['root'], level: number): RunState['steps']['root'] =>
    node.map((item) => {
      if (item === null) return null;
      if (level > 0) return changed(item as RunState['steps']['root'], level - 1);
      const step = item as { readonly work?: Kept };
      return (step.work === undefined ? item : { ...step, work: change(step.work) }) as Stored;
    });
  return { ...state, steps: { ...state.steps, root: changed(state.steps.root, state.steps.depth - 1) } };
}

const withScopes = (state: RunState, change: (scope: Scope) => Scope): RunState => ({
  ...state,
  scopes: state.scopes.map(change),
});

const isEnding = ({ failed, cancelling }: RunState): boolean => failed !== null || cancelling !== null;

/** Writes of turns that are over. */
function withoutPast(state: RunState): RunState {
  if (state.writes.depth > 1 || state.rollback !== null || !isEnding(state)) return state;
  const root = state.writes.root.map((write) => {
    if (write === null || !('call' in write)) return write;
    return callAt(state, write.call).owner.kind === 'past' ? null : write;
  });
  return { ...state, writes: { ...state.writes, root } };
}

interface Said {
  readonly step?: string;
  readonly via?: string;
  readonly items?: number;
  readonly item?: number;
  readonly pass?: number;
  readonly outcome?: { readonly output?: unknown; readonly done?: boolean };
}
const said = ({ data }: NewEvent): Said => data as Said;

/** The events of a decision told otherwise. */
const telling =
  (change: (events: readonly NewEvent[], key: string) => readonly NewEvent[]) =>
  (actor: AnyActor): Partial<AnyActor> => ({
    decide(input, before, context, key) {
      const decision = actor.decide(input, before, context, key);
      return { ...decision, events: [...change(decision.events, key)] };
    },
  });

/** The outputs of the items of a step, last first. */
function reversed(): (events: readonly NewEvent[], key: string) => readonly NewEvent[] {
  const given = new Map<string, unknown[]>();
  return (events, key) =>
    events.map((event) => {
      const { step, via, item, outcome } = said(event);
      const of = `${key} ${step}`;
      if (event.type === 'scope.closed' && item !== undefined)
        given.set(of, [...(given.get(of) ?? []), outcome?.output ?? null]);
      const outputs = given.get(of) ?? [];
      const isTold = event.type === 'step.completed' && via === 'body' && outputs.length > 1;
      return isTold ? { ...event, data: { ...said(event), output: [...outputs].reverse() } } : event;
    });
}

/** Up to the first event of this kind, and with something else behind it. */
function cutAt(
  events: readonly NewEvent[],
  isIt: (event: NewEvent) => boolean,
  then: (event: Said) => NewEvent,
): readonly NewEvent[] {
  const at = events.findIndex(isIt);
  const event = events[at];
  return event === undefined ? events : [...events.slice(0, at + 1), then(said(event))];
}

const onePassMore = (events: readonly NewEvent[]): readonly NewEvent[] =>
  cutAt(
    events,
    (event) => event.type === 'scope.closed' && said(event).outcome?.done === true,
    ({ step, pass = 0 }) => ({ type: 'scope.opened', data: { step, pass: pass + 1 } }),
  );

/** The first item of each step is done once more when it is done. */
function doneAgain(): (events: readonly NewEvent[], key: string) => readonly NewEvent[] {
  const again = new Set<string>();
  return (events, key) =>
    events.flatMap((event, at) => {
      const { step, item } = said(event);
      const of = `${key} ${step}`;
      const isLast = at === events.length - 1;
      if (event.type !== 'scope.closed' || item !== 0 || !isLast || again.has(of)) return [event];
      again.add(of);
      return [event, { type: 'scope.opened', data: { step, item } }];
    });
}

/** Every item brings the one behind it with it. */
function oneItemMore(): (events: readonly NewEvent[], key: string) => readonly NewEvent[] {
  const lists = new Map<string, number>();
  return (events, key) =>
    events.flatMap((event, at) => {
      const { step, items, item } = said(event);
      if (event.type === 'scope.started') lists.set(`${key} ${step}`, items ?? 0);
      const isLast = item === undefined || item + 1 >= (lists.get(`${key} ${step}`) ?? 0);
      const isFollowed = events.slice(at + 1).some(({ type }) => type.startsWith('scope.'));
      if (event.type !== 'scope.opened' || isLast || isFollowed) return [event];
      return [event, { type: 'scope.opened', data: { step, item: item + 1 } }];
    });
}

/** What is broken in how bodies run. */
export const turnBugs: readonly PlantedBug[] = [
  bug(
    'turn-ends-early',
    'a turn that fails ends while a call in it has no answer',
    believing((state) =>
      state.scopes.some(({ ending }) => ending !== undefined)
        ? { ...state, openRequests: [], unjudged: [] }
        : state,
    ),
  ),
  bug(
    'siblings-go-on',
    'a turn in which a step has failed does not stop the others',
    believing((state) => withScopes(state, ({ ending: _, ...scope }) => scope)),
    ['I8', 'I10', 'I19'],
  ),
  bug(
    'outer-turn-first',
    'a turn ends while a turn in it is open',
    believing((state) => {
      const [outer, ...inner] = state.scopes;
      return outer === undefined || inner.length === 0
        ? state
        : { ...state, scopes: [{ ...outer, closed: outer.place.size }] };
    }),
    ['I19', 'defect'],
  ),
  bug('results-swapped', 'a step gives the results of its items in another order', telling(reversed())),
  bug('one-pass-more', 'a repeat goes on although what it repeats for has come true', telling(onePassMore)),
  bug('one-item-more', 'a forEach has one item more under way than it may have', telling(oneItemMore())),
  bug('done-again', 'a forEach does an item that is done once more', telling(doneAgain())),
  bug(
    'turns-not-undone',
    'a rollback forgets what was written in turns that are over',
    believing(withoutPast),
    ['I6', 'I14', 'defect'],
  ),
  bug(
    'failures-not-counted',
    'a forEach completes although more items have failed than it allows',
    believing((state) =>
      keeping(state, (work) => (work.kind === 'forEach' ? { ...work, failures: 0 } : work)),
    ),
    ['I8', 'I19'],
  ),
  bug(
    'item-of-another',
    'a turn takes itself for that of the first item, and its steps see that item',
    believing((state) =>
      withScopes(state, (scope) =>
        'item' in scope.place.turn ? { ...scope, place: { ...scope.place, turn: { item: 0 } } } : scope,
      ),
    ),
    ['I19', 'defect'],
  ),
];
