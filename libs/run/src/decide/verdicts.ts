import { type Failure, type MessageOf, type PolicyDecided, VerdictRecorded } from '@interlock/contracts';
import type { Emitter } from '../emitter.js';
import { armAt, findArm } from '../evolve/edit.js';
import type { ArmIndex, StepIndex } from '../indices.js';
import { fallBack } from './agent.js';
import { requestApproval } from './approvals.js';
import { completeWhenAllowed } from './complete.js';
import { disarm } from './disarm.js';
import { denyPlan, openPlace } from './plans.js';
import { askPerson } from './recovery.js';

type Decided = MessageOf<typeof PolicyDecided>['data'];

/** Records a verdict on one of this run's open checks, and what follows. Shadow verdicts decide nothing. */
export function takeVerdict(emitter: Emitter, decided: Decided): undefined {
  if (decided.mode !== 'enforce') return;
  const ordinal = findArm(emitter.state, decided.armId);
  if (ordinal === undefined) return takePlanVerdict(emitter, decided);
  if (decided.point === 'before') beforeCall(emitter, ordinal, decided);
  else afterCall(emitter, armAt(emitter.state, ordinal).step, decided);
}

function beforeCall(emitter: Emitter, ordinal: ArmIndex, decided: Decided): undefined {
  const arm = armAt(emitter.state, ordinal);
  if (arm.verdict !== undefined || decided.checkId !== decided.armId) return;
  const wasKnown = emitter.step(arm.step).call?.known !== undefined;
  record(emitter, arm.step, decided);
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
    return requestApproval(emitter, ordinal, { approval: approval!, policies, reason });
  if (call.doubt !== undefined) return askPerson(emitter, arm.step, failure);
  if (arm.disarmed !== 'redacted' && verdict === 'deny' && !emitter.isStopped(arm.step))
    emitter.owner(arm.step).failed(emitter, arm.step, failure);
}

/** Says of a request to a model whether it may be made, or of a proposal whether it may be acted on. */
function takePlanVerdict(emitter: Emitter, decided: Decided): undefined {
  const place = judgedPlace(emitter, decided);
  if (place === undefined) return;
  record(emitter, place, decided);
  if (decided.verdict === 'allow' && decided.approval === undefined) return;
  const failure = denied(decided);
  if (decided.point === 'before') denyPlan(emitter, place, failure);
  else fallBack(emitter, place, failure);
}

function judgedPlace(emitter: Emitter, { point, checkId, armId }: Decided): StepIndex | undefined {
  const { state, key } = emitter;
  if (point === 'before') {
    const place = checkId === armId ? openPlace(emitter, armId) : undefined;
    return place === undefined || emitter.step(place).agent!.plan!.isAllowed === true ? undefined : place;
  }
  return state.active.find((place) => {
    const answer = emitter.step(place).agent?.answer;
    return answer !== undefined && answer.isAllowed !== true && checkId === `${key}/${answer.seq}`;
  });
}

function afterCall(emitter: Emitter, place: StepIndex, decided: Decided): undefined {
  const { check } = emitter.step(place);
  if (check === undefined || decided.checkId !== `${emitter.key}/${check}`) return;
  record(emitter, place, decided);
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

function record(emitter: Emitter, place: StepIndex, decided: Decided): undefined {
  const { checkId, armId, point, verdict, approval, redact, bundle, policies, reason } = decided;
  const step = emitter.definition(place).id;
  const extra = {
    ...(approval === undefined ? {} : { approval }),
    ...(redact === undefined ? {} : { redact }),
  };
  emitter.emit(VerdictRecorded({ checkId, armId, step, point, verdict, ...extra, bundle, policies, reason }));
}

const denied = ({ point, policies, reason }: Decided): Failure => ({
  class: 'denied',
  code: `policy.${point}`,
  message: policies.length === 0 ? reason : `${reason} (${policies.join(', ')})`.slice(0, 4_000),
});
