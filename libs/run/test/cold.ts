import assert from 'node:assert/strict';
import { decodeState, encodeState, type RunState } from '../src/index.js';
import type { RunActor } from './run-scenario.js';

/** The same actor, which decides everything a second time on its state as it comes from a cache: nothing may hang on what is only in memory. */
export function decidingCold(actor: RunActor): RunActor {
  return {
    ...actor,
    decide(input, state, context, key) {
      const decision = actor.decide(input, state, context, key);
      if (state === undefined) return decision;
      const again = actor.decide(input, fromCache(state), context, key);
      assert.deepEqual(again.events, decision.events, 'a state from a cache decides the same');
      assert.deepEqual(again.start, decision.start, 'and tells the same');
      return decision;
    },
    due(state, context) {
      const due = actor.due?.(state, context);
      if (state === undefined) return due;
      assert.equal(
        actor.due?.(fromCache(state), context),
        due,
        'a state from a cache is due at the same time',
      );
      return due;
    },
  };
}

const fromCache = (state: RunState): RunState | undefined => decodeState(encodeState(state));
