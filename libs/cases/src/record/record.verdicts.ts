import type { ApprovalRequirement, MessageOf, VerdictRecorded } from '@interlock/contracts';
import { type CasePlan, plan, type ScriptedVerdict, verdict } from '../case/answer.schema.js';
import { durationOf } from './durations.js';
import { failureIn } from './record.answers.js';
import type { RecordedRun } from './recorded.run.js';

type Recorded = MessageOf<typeof VerdictRecorded>['data'];

/** What policy said in a recorded run beside a plain yes. */
export const verdictsIn = (run: RecordedRun, note: (what: string) => void): ScriptedVerdict[] =>
  run.events.flatMap(({ type, data }) => {
    if (type !== 'verdict.recorded') return [];
    const request = run.requests.get(data.requestId ?? data.checkId);
    const said = rulingIn(data);
    if (said === undefined) return [];
    if (request === undefined) {
      note(`policy denied a plan of ${data.step}, which a case cannot say without policies`);
      return [];
    }
    // An approval stays required when the call is asked for again under it.
    if ('approval' in said && request.approvalId !== undefined) return [];
    const { tool, step } = request;
    return [verdict.parse({ tool, step, ...said, times: 1 })];
  });

function rulingIn({ verdict: ruling, point, approval, redact = [], reason, policies }: Recorded) {
  if (ruling === 'deny') {
    const deny = reason ?? `forbidden by ${policies.join(', ')}`;
    return point === 'after' ? { deny, point } : { deny };
  }
  if (approval !== undefined) return { approval: askedIn(approval) };
  return redact.length > 0 ? { redact } : undefined;
}

function askedIn({
  kind,
  approvers,
  escalateTo,
  escalateAfterMs,
  expiresAfterMs,
  onExpiry,
}: ApprovalRequirement) {
  return {
    required: kind,
    approvers,
    ...(escalateTo && { escalateTo }),
    ...(escalateAfterMs !== undefined && { escalateAfter: durationOf(escalateAfterMs) }),
    ...(expiresAfterMs !== undefined && { expires: durationOf(expiresAfterMs) }),
    ...(onExpiry && { onExpiry }),
  };
}

/** What a model answered in a recorded run, and how far it could act. */
export function plansIn({ events }: RecordedRun) {
  const agent = events.find(({ type, data }) => type === 'agent.started' && data.level !== 'baseline');
  if (agent?.type !== 'agent.started') return {};
  const plans = events.flatMap(({ type, data }): CasePlan[] => {
    if (type !== 'plan.recorded') return [];
    const { step, outcome } = data;
    if (outcome.kind === 'failed')
      return [plan.parse({ step, failure: failureIn(outcome.failure), times: 1 })];
    const { calls, output, question, confidence } = outcome.proposal;
    const ends = { ...(output !== undefined && { output }), ...(question !== undefined && { question }) };
    const said = { step, confidence, times: 1, ...ends };
    return [plan.parse(calls.length === 0 ? said : { ...said, calls })];
  });
  const { level, model } = agent.data;
  return {
    model: { level, ...(model !== undefined && { name: model }) },
    ...(plans.length > 0 && { plans }),
  };
}
