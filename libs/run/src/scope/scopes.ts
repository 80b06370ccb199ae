import { type StepPath, segmentsOf, stepPathOf } from '@interlock/contracts';
import type { StepIndex } from '../indices.js';
import type { RunState } from '../state.js';
import type { ScopeState, Turn } from './scope.state.js';

/* Turns of bodies that are open, in the order in which they were opened, which is that of their steps. */

/** The turn in whose body the step stands; undefined: it is a step of the workflow itself. */
export function scopeHolding({ scopes }: RunState, step: StepIndex): ScopeState | undefined {
  let low = 0;
  let high = scopes.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const scope = scopes[middle];
    if (scope === undefined) return undefined;
    const { base, size } = scope.place;
    if (step < base) high = middle - 1;
    else if (step >= base + size) low = middle + 1;
    else return scope;
  }
  return undefined;
}

/** That turn, and all around it, from the innermost outwards. */
export function scopesAround(state: RunState, step: StepIndex): ScopeState[] {
  const found: ScopeState[] = [];
  for (let at = scopeHolding(state, step); at !== undefined; at = scopeHolding(state, at.place.owner))
    found.push(at);
  return found;
}

export const isSameTurn = (a: Turn, b: Turn): boolean =>
  ('item' in a && 'item' in b && a.item === b.item) ||
  ('pass' in a && 'pass' in b && a.pass === b.pass) ||
  ('branch' in a && 'branch' in b && a.branch === b.branch);

export const changeScope = (state: RunState, scope: ScopeState, change: Partial<ScopeState>): RunState => ({
  ...state,
  scopes: state.scopes.map((other) => (other === scope ? { ...scope, ...change } : other)),
});

/** Whether the step stands in the turn, in a body inside of it too. */
export const standsIn = (state: RunState, step: StepIndex, { place }: ScopeState): boolean =>
  scopesAround(state, step).some((around) => around.place.base === place.base);

/**
 * Nothing new starts for the step: the run is ending, or a turn around it is. What it has done already is answered for, and then it is left.
 */
export const isEndingAt = (state: RunState, step: StepIndex): boolean =>
  isRunEnding(state) || isTurnEndingAt(state, step);

/** Whether a turn around the step is ending. */
export const isTurnEndingAt = (state: RunState, step: StepIndex): boolean =>
  state.scopes.length > 0 && scopesAround(state, step).some(({ ending }) => ending !== undefined);

export const isRunEnding = ({ failed, cancelling }: RunState): boolean =>
  failed !== null || cancelling !== null;

/** How the steps of a turn are called: `lines[17]`, `review#2`; a branch leaves no trace in a name. */
export function pathOfTurn(owner: string, turn: Turn): StepPath {
  const segments = segmentsOf(owner);
  const last = segments?.at(-1);
  if (segments === undefined || last === undefined) throw new Error(`${owner} is no path of a step`);
  return stepPathOf(...segments.slice(0, -1), 'branch' in turn ? last : { id: last.id, ...turn });
}
