import { type Failure, type PolicyEvent, RunUnparked, type ToolEvent } from '@interlock/contracts';
import { abandonPlan, openStep } from '../agent/plans.js';
import { findApproval } from '../approval/approvals.js';
import { refuseApproval } from '../approval/decide.js';
import { findRequest } from '../call/requests.js';
import type { DecisionDraft } from '../decision.draft.js';
import { onVerdict } from '../life/verdicts.js';
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
 * Lets a parked run go on. Inputs that failed are tried once more; if one fails again it is given up, so that nothing waits for it.
 * @param kept the inputs that failed, oldest first
 */
export function unpark(
  draft: DecisionDraft,
  because: Because,
  kept: readonly Received[],
  take: (message: Received) => void,
): undefined {
  draft.emit(RunUnparked({ because }));
  for (const message of kept) {
    if (!draft.attempt(() => take(message))) draft.attempt(() => giveUp(draft, message));
  }
}

const LOST: Failure = {
  class: 'internal',
  code: 'answer.lost',
  message: 'what was answered could not be taken',
};

function giveUp(draft: DecisionDraft, message: Received): undefined {
  if (isOfTool(message)) giveUpCall(draft, message);
  else if (isVerdict(message)) onVerdict(draft, withoutWords(message));
  else if (isOfPeople(message)) giveUpApproval(draft, message);
  else if (isOfPlanner(message)) giveUpPlan(draft, message);
}

function giveUpCall(draft: DecisionDraft, { data }: ToolEvent): undefined {
  const request = findRequest(draft.state, data.requestId);
  if (request === undefined || !draft.state.openRequests.includes(request)) return;
  for (const event of answerLost(draft.state, request)) draft.emit(event);
}

/** A call that policy allowed may have been made, so the verdict stays an allow. Anything else becomes a deny. */
function withoutWords({ data }: PolicyEvent): PolicyEvent['data'] {
  const { checkId, requestId, planId, point, callHash, mode, verdict, approval } = data;
  const isAllowed = point === 'before' && verdict === 'allow' && approval === undefined;
  const policy = { bundle: '', policies: [], reason: LOST.message, inputDigest: '' };
  return {
    checkId,
    requestId,
    planId,
    point,
    callHash,
    mode,
    verdict: isAllowed ? 'allow' : 'deny',
    ...policy,
  };
}

function giveUpApproval(draft: DecisionDraft, { data }: PeopleEvent): undefined {
  const approval = findApproval(draft.state, data.approvalId);
  if (approval !== undefined && draft.state.openApprovals.includes(approval))
    refuseApproval(draft, approval, LOST);
}

function giveUpPlan(draft: DecisionDraft, { data }: PlanAnswered): undefined {
  const step = openStep(draft, data.planId);
  if (step !== undefined) abandonPlan(draft, step, LOST);
}
