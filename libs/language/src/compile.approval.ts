import type { JsonSchema } from '@interlock/schema';
import { optionalMs, withoutAbsent } from './compile.fields.js';
import type { CompiledApprovalStep } from './compiled.step.js';
import type { Path, Report } from './problem.js';
import type { ApprovalStep } from './step.schema.js';

type Approval = CompiledApprovalStep['approval'];

/** When a request expires that says nothing about it. */
const EXPIRES_MS = 86_400_000;

/** What an approval step that completes gives: that people granted it, who, and what they said. */
export const approvalOutput: JsonSchema = {
  type: 'object',
  properties: {
    approved: { type: 'boolean' },
    by: { type: 'array', items: { type: 'string' } },
    reasons: { type: 'array', items: { type: 'string' } },
  },
  required: ['approved', 'by', 'reasons'],
  additionalProperties: false,
};

/** Reports times that would never come and a fallback that is not there. */
export function compileApproval(stepAt: Path, step: ApprovalStep, report: Report): Approval {
  const { question, details, approvers, required, escalate, onExpiry } = step.approval;
  const remindAfterMs = optionalMs(step.approval.remind);
  const escalateAfterMs = optionalMs(escalate?.after);
  const expiresAfterMs = optionalMs(step.approval.expires);
  const at = [...stepAt, 'approval'];
  const expires = expiresAfterMs ?? EXPIRES_MS;
  const never = `comes after the question has expired (${expires} ms)`;
  if ((remindAfterMs ?? 0) >= expires) report([...at, 'remind'], `the reminder ${never}`);
  if ((escalateAfterMs ?? 0) >= expires) report([...at, 'escalate', 'after'], `the escalation ${never}`);
  if (onExpiry === 'fallback' && typeof step.onFailure !== 'object') {
    report([...at, 'onExpiry'], 'there is nothing to fall back to: say onFailure: { fallback } or { value }');
  }
  const requirement = {
    kind: required ?? 'single',
    approvers,
    escalateTo: typeof escalate?.to === 'string' ? [escalate.to] : escalate?.to,
    remindAfterMs,
    escalateAfterMs,
    expiresAfterMs,
    onExpiry,
  };
  return withoutAbsent({ question, details, requirement: withoutAbsent(requirement) });
}
