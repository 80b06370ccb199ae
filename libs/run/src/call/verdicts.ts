import { type Failure, type MessageOf, type PolicyDecided, VerdictRecorded } from '@interlock/contracts';
import { armAt } from '../edit.js';
import type { Emitter } from '../emitter.js';
import type { ArmIndex, StepIndex } from '../indices.js';
import { completeWhenAllowed } from './complete.js';
import { disarm } from './disarm.js';
import { askPerson } from './recovery.js';

export type Decided = MessageOf<typeof PolicyDecided>['data'];

/** A verdict on a request for a call, or on its outcome. */
export function takeCallVerdict(emitter: Emitter, ordinal: ArmIndex, decided: Decided): undefined {
  if (decided.point === 'before') beforeCall(emitter, ordinal, decided);
  else afterCall(emitter, armAt(emitter.state, ordinal).step, decided);
}

function beforeCall(emitter: Emitter, ordinal: ArmIndex, decided: Decided): undefined {
  const arm = armAt(emitter.state, ordinal);
  if (arm.verdict !== undefined || decided.checkId !== decided.armId) return;
  const wasKnown = emitter.step(arm.step).call?.known !== undefined;
  recordVerdict(emitter, arm.step, decided);
  const { verdict } = armAt(emitter.state, ordinal);
  if (!arm.open || verdict === 'allow') return;
  // The call had happened: this arming was a repetition of it.
  if (wasKnown) return completeWhenAllowed(emitter, arm.step);
  const { call, verify } = emitter.step(arm.step);
  const isVerifying = call?.phase === 'verifying' && verify?.arm === ordinal;
  const speaksOfCall = arm.purpose === 'verify' ? isVerifying : call?.arm === ordinal;
  if (!speaksOfCall || call === undefined || call.phase === 'over') return;
  const failure = denied(decided);
  const { approval, policies, reason } = decided;
  if (verdict === 'approval')
    return emitter.owner(arm.step).demanded(emitter, ordinal, { approval: approval!, policies, reason });
  if (call.doubt !== undefined) return askPerson(emitter, arm.step, failure);
  if (arm.disarmed !== 'redacted' && verdict === 'deny' && !emitter.isStopped(arm.step))
    emitter.owner(arm.step).failed(emitter, arm.step, failure);
}

function afterCall(emitter: Emitter, place: StepIndex, decided: Decided): undefined {
  const { check } = emitter.step(place);
  if (check === undefined || decided.checkId !== `${emitter.key}/${check}`) return;
  recordVerdict(emitter, place, decided);
  if (decided.verdict === 'deny') return emitter.owner(place).failed(emitter, place, denied(decided));
  if (decided.redact !== undefined && decided.redact.length > 0) disarmOn(emitter, decided.checkId);
  completeWhenAllowed(emitter, place);
}

/** What was armed on the output as it was before the redaction. */
function disarmOn(emitter: Emitter, checkId: string): undefined {
  for (const ordinal of emitter.state.openArms) {
    const { needs, disarmed } = armAt(emitter.state, ordinal);
    if (needs.includes(checkId) && disarmed === undefined) disarm(emitter, ordinal, 'redacted');
  }
}

export function recordVerdict(emitter: Emitter, place: StepIndex, decided: Decided): undefined {
  const { checkId, armId, point, verdict, approval, redact, bundle, policies, reason } = decided;
  const step = emitter.definition(place).id;
  const extra = {
    ...(approval === undefined ? {} : { approval }),
    ...(redact === undefined ? {} : { redact }),
  };
  emitter.emit(VerdictRecorded({ checkId, armId, step, point, verdict, ...extra, bundle, policies, reason }));
}

/** The failure of what policy forbids. */
export const denied = ({ point, policies, reason }: Decided): Failure => ({
  class: 'denied',
  code: `policy.${point}`,
  message: policies.length === 0 ? reason : `${reason} (${policies.join(', ')})`.slice(0, 4_000),
});
