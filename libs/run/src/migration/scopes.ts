import type { CompiledWorkflow } from '@interlock/language';
import type { StepIndex } from '../indices.js';
import type { Place, ScopeState } from '../scope/scope.state.js';
import { workflowIndexOf } from '../scope/workflow.index.js';
import type { RunState } from '../state.js';
import type { Move } from './move.js';

/** The turns that are open. The steps around them are the same in the other version, but their bodies have other numbers there. */
export function movedScopes(before: RunState, target: CompiledWorkflow, move: Move): readonly ScopeState[] {
  const { bodies } = workflowIndexOf(target);
  const bodyOf = new Map<Place, number>();
  const placeOf = (base: StepIndex): Place | undefined =>
    before.scopes.find(({ place }) => base >= place.base && base < place.base + place.size)?.place;
  /** The number that the body of a turn has there: the same one of the bodies of its owner, from the outermost inwards. */
  const numberOf = (place: Place): number => {
    const known = bodyOf.get(place);
    if (known !== undefined) return known;
    const { owner, turn } = place;
    const around = placeOf(owner);
    const inside = bodies[around === undefined ? 0 : numberOf(around)];
    const position = around === undefined ? move.step(owner) : owner - around.base;
    const number = inside?.steps[position]?.bodies['branch' in turn ? turn.branch : 0];
    if (number === undefined)
      throw new Error(`${target.name}@${target.version} has no body for ${place.path}`);
    bodyOf.set(place, number);
    return number;
  };
  return before.scopes.map((scope) => {
    const { place } = scope;
    const base = move.step(place.base);
    return { ...scope, place: { ...place, body: numberOf(place), base, owner: move.step(place.owner) } };
  });
}
