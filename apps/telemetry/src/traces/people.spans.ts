import { spanIdOf } from '@interlock/contracts';
import { childSpan, close, type OpenTrace, stepSpan, type TracedEvent } from './open.trace.js';
import { type FinishedSpan, note } from './span.js';

type Of<Type extends TracedEvent['type']> = Extract<TracedEvent, { type: Type }>;
type Settled = Of<'approval.granted' | 'approval.denied' | 'approval.expired' | 'approval.withdrawn'>;

/** People are asked: a span of the approval service until it is settled. */
export function openApproval(trace: OpenTrace, event: Of<'approval.opened'>): void {
  const { run, time, data } = event;
  const { approvalId, step, requirement, action } = data;
  if (trace.approvals.has(approvalId)) return;
  const { kind, approvers } = requirement;
  const parent = stepSpan(trace, step, event);
  const name = `approval ${action?.tool ?? step}`;
  const span = childSpan('approval', name, spanIdOf('approval', approvalId), parent, time, {
    'interlock.run.id': run,
    'interlock.approval.id': approvalId,
    'interlock.approval.kind': kind,
    'interlock.approval.roles': approvers,
    'gen_ai.tool.name': action?.tool,
  });
  trace.approvals.set(approvalId, span);
}

/** What happens while people decide; who they are stays in the log. */
export function noteApproval(
  trace: OpenTrace,
  event: Of<'approval.voted' | 'approval.vote_refused' | 'approval.reminded' | 'approval.escalated'>,
): void {
  const { type, time, data } = event;
  const vote = 'vote' in data ? { 'interlock.approval.vote': data.vote } : undefined;
  note(trace.approvals.get(data.approvalId), type, time, vote);
}

export function settleApproval(trace: OpenTrace, { type, time, data }: Settled): FinishedSpan[] {
  const outcome = { 'interlock.approval.outcome': type.slice('approval.'.length) };
  const error = type === 'approval.expired' ? 'expired' : undefined;
  return close(trace, trace.approvals, data.approvalId, time, outcome, error);
}
