import type { Settings } from '../options.js';
import type { RunState } from '../state.js';
import type { BodyIndex } from './body.index.js';
import { bodyAt, workflowIndexOf } from './workflow.index.js';

/** Open turns, and the steps that stand in them: both cost something at every decision of their run. */
interface Held {
  readonly turns: number;
  readonly steps: number;
}

const least = new WeakMap<BodyIndex, Held>();
const held = new WeakMap<RunState['scopes'], Held>();

/**
 * Whether a body may open another turn beside one that it has open. A body always opens one, so that what stands inside of others comes to
 * its end: room for the one of each inner body is therefore taken together with the turn around it, and never asked for again.
 */
export function hasRoomFor(
  state: RunState,
  body: number,
  { openTurnsMax, openStepsMax }: Pick<Settings, 'openTurnsMax' | 'openStepsMax'>,
): boolean {
  const now = heldNow(state);
  const more = leastOf(state, body);
  return now.turns + more.turns <= openTurnsMax && now.steps + more.steps <= openStepsMax;
}

/** What a turn of this body comes to when each body in it has one turn open; of the branches of a `switch` the one that holds most counts. */
function leastOf(state: RunState, number: number): Held {
  const body = bodyAt(state, number);
  const known = least.get(body);
  if (known !== undefined) return known;
  let [turns, steps] = [1, body.steps.length];
  for (const step of body.steps) {
    const inner = step.bodies.map((one) => leastOf(state, one));
    turns += Math.max(0, ...inner.map((one) => one.turns));
    steps += Math.max(0, ...inner.map((one) => one.steps));
  }
  least.set(body, { turns, steps });
  return { turns, steps };
}

/** What is open, and what is kept free for bodies that are to come. */
function heldNow(state: RunState): Held {
  const known = held.get(state.scopes);
  if (known !== undefined) return known;
  const outermost = workflowIndexOf(state.origin.compiled).all.length;
  const owners = new Set<number>();
  let [turns, steps] = [0, 0];
  for (const { place } of state.scopes) {
    const isCounted = place.owner >= outermost && !owners.has(place.owner);
    owners.add(place.owner);
    if (isCounted) continue;
    const one = leastOf(state, place.body);
    turns += one.turns;
    steps += one.steps;
  }
  held.set(state.scopes, { turns, steps });
  return { turns, steps };
}
