import type { Input } from '@interlock/actors';
import type { Emitter } from '../emitter.js';
import { armAt, findArm } from '../evolve/edit.js';
import { completeWhenAllowed } from './complete.js';
import { failStep } from './fail.js';
import { takeOutcome } from './outcomes.js';

type Poison = Extract<Input, { kind: 'poison' }>;

/**
 * An answer this run waits for broke its contract and will not come again. A write may have happened all the same, so
 * its call comes into doubt; anything else fails as our own defect.
 */
export function takePoison(emitter: Emitter, poison: Poison): undefined {
  if (poison.topic === 'policy.events') return poisonedVerdict(emitter);
  const ordinal = poisonedArm(emitter, poison);
  if (ordinal === undefined) return;
  const { seq, effect, timeoutMs, notAfter } = armAt(emitter.state, ordinal);
  const because = `its answer (${poison.type}) broke its contract: ${poison.problem}`.slice(0, 2_000);
  const failure = { class: 'internal', code: 'answer.poison', message: because } as const;
  takeOutcome(
    emitter,
    `${emitter.key}/${seq}`,
    effect === 'write'
      ? { kind: 'unknown', deadline: notAfter + timeoutMs, because }
      : { kind: 'failed', failure },
  );
}

/** By the cause it names, or the only one it can be about. */
function poisonedArm(emitter: Emitter, { meta }: Poison): number | undefined {
  const { openArms } = emitter.state;
  const named = meta.cause === undefined ? undefined : findArm(emitter.state, meta.cause);
  if (named !== undefined && openArms.includes(named)) return named;
  return openArms.length === 1 ? openArms[0] : undefined;
}

/** A before-verdict nobody can read lets its arming expire; an after-verdict is waited for in vain. */
function poisonedVerdict(emitter: Emitter): undefined {
  for (const place of emitter.state.active) {
    const { check, checked } = emitter.step(place);
    if (check === undefined) {
      if (checked === true) completeWhenAllowed(emitter, place);
      continue;
    }
    const message = 'the verdict on its outcome broke its contract';
    failStep(emitter, place, { class: 'internal', code: 'verdict.poison', message });
  }
}
