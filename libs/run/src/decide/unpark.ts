import type { TopicMessage } from '@interlock/actors';
import {
  type ApprovalEvent,
  approvalEvents,
  type Failure,
  type PlanEvent,
  type PolicyEvent,
  policyEvents,
  RunUnparked,
  type ToolEvent,
  toolEvents,
} from '@interlock/contracts';
import type { Emitter } from '../emitter.js';
import { findApproval } from '../evolve/approvals.js';
import { findArm } from '../evolve/edit.js';
import { refuseApproval } from './approvals.js';
import { answerLost } from './park.js';
import { abandonPlan, openPlace } from './plans.js';
import { takeVerdict } from './verdicts.js';

type Because = Parameters<typeof RunUnparked>[0]['because'];

/**
 * Lets a parked run go on. What it could not take is taken once more; what breaks again is given up, so that nothing waits for it.
 * @param kept what it could not take, oldest first
 */
export function unpark(
  emitter: Emitter,
  because: Because,
  kept: readonly TopicMessage[],
  take: (message: TopicMessage) => void,
): undefined {
  emitter.emit(RunUnparked({ because }));
  for (const message of kept) {
    if (!emitter.attempt(() => take(message))) emitter.attempt(() => giveUp(emitter, message));
  }
}

const LOST: Failure = {
  class: 'internal',
  code: 'answer.lost',
  message: 'what was answered could not be taken',
};

function giveUp(emitter: Emitter, message: TopicMessage): undefined {
  switch (message.topic) {
    case toolEvents.name:
      return giveUpCall(emitter, message as unknown as ToolEvent);
    case policyEvents.name:
      return takeVerdict(emitter, withoutWords(message as unknown as PolicyEvent));
    case approvalEvents.name:
      return giveUpApproval(emitter, message as unknown as ApprovalEvent);
    default:
      return giveUpPlan(emitter, message as unknown as PlanEvent);
  }
}

function giveUpCall(emitter: Emitter, { data }: ToolEvent): undefined {
  const ordinal = findArm(emitter.state, data.armId);
  if (ordinal === undefined || !emitter.state.openArms.includes(ordinal)) return;
  for (const event of answerLost(emitter.state, ordinal, emitter.key)) emitter.emit(event);
}

/** A call that policy allowed may have been made: saying otherwise would hide it. Anything else is a deny. */
function withoutWords({ data }: PolicyEvent): PolicyEvent['data'] {
  const { checkId, armId, point, callHash, mode, verdict, approval } = data;
  const isAllowed = point === 'before' && verdict === 'allow' && approval === undefined;
  const told = { bundle: '', policies: [], reason: LOST.message, inputDigest: '' };
  return { checkId, armId, point, callHash, mode, verdict: isAllowed ? 'allow' : 'deny', ...told };
}

function giveUpApproval(emitter: Emitter, { data }: ApprovalEvent): undefined {
  const ordinal = findApproval(emitter.state, data.approvalId);
  if (ordinal !== undefined && emitter.state.openApprovals.includes(ordinal))
    refuseApproval(emitter, ordinal, LOST);
}

function giveUpPlan(emitter: Emitter, { data }: PlanEvent): undefined {
  const place = openPlace(emitter, data.planId);
  if (place !== undefined) abandonPlan(emitter, place, LOST);
}
