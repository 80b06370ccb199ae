import { type Failure, type PolicyEvent, RunUnparked, type ToolEvent } from '@interlock/contracts';
import { abandonPlan, openPlace } from '../agent/plans.js';
import { refuseApproval } from '../approval/decide.js';
import { findApproval, findRequest } from '../edit.js';
import type { Emitter } from '../emitter.js';
import { takeVerdict } from '../life/verdicts.js';
import {
  isOfPeople,
  isOfPlanner,
  isOfTool,
  isVerdict,
  type PeopleEvent,
  type PlanAnswered,
  type Received,
} from '../run.messages.js';
import { answerLost } from './park.js';

type Because = Parameters<typeof RunUnparked>[0]['because'];

/**
 * Lets a parked run go on. What it could not take is taken once more; what breaks again is given up, so that nothing waits for it.
 * @param kept what it could not take, oldest first
 */
export function unpark(
  emitter: Emitter,
  because: Because,
  kept: readonly Received[],
  take: (message: Received) => void,
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

function giveUp(emitter: Emitter, message: Received): undefined {
  if (isOfTool(message)) giveUpCall(emitter, message);
  else if (isVerdict(message)) takeVerdict(emitter, withoutWords(message));
  else if (isOfPeople(message)) giveUpApproval(emitter, message);
  else if (isOfPlanner(message)) giveUpPlan(emitter, message);
}

function giveUpCall(emitter: Emitter, { data }: ToolEvent): undefined {
  const ordinal = findRequest(emitter.state, data.requestId);
  if (ordinal === undefined || !emitter.state.openRequests.includes(ordinal)) return;
  for (const event of answerLost(emitter.state, ordinal, emitter.key)) emitter.emit(event);
}

/** A call that policy allowed may have been made: saying otherwise would hide it. Anything else is a deny. */
function withoutWords({ data }: PolicyEvent): PolicyEvent['data'] {
  const { checkId, requestId, point, callHash, mode, verdict, approval } = data;
  const isAllowed = point === 'before' && verdict === 'allow' && approval === undefined;
  const told = { bundle: '', policies: [], reason: LOST.message, inputDigest: '' };
  return { checkId, requestId, point, callHash, mode, verdict: isAllowed ? 'allow' : 'deny', ...told };
}

function giveUpApproval(emitter: Emitter, { data }: PeopleEvent): undefined {
  const ordinal = findApproval(emitter.state, data.approvalId);
  if (ordinal !== undefined && emitter.state.openApprovals.includes(ordinal))
    refuseApproval(emitter, ordinal, LOST);
}

function giveUpPlan(emitter: Emitter, { data }: PlanAnswered): undefined {
  const place = openPlace(emitter, data.planId);
  if (place !== undefined) abandonPlan(emitter, place, LOST);
}
