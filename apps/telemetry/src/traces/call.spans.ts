import { spanIdOf } from '@interlock/contracts';
import { childSpan, close, type OpenCall, type OpenTrace, stepSpan, type TracedEvent } from './open.trace.js';
import { type FinishedSpan, finish } from './span.js';

type Of<Type extends TracedEvent['type']> = Extract<TracedEvent, { type: Type }>;

/** The call, as the orchestrator means it, and the check in front of it. */
export function requestToolCall(trace: OpenTrace, event: Of<'call.requested'>): void {
  const { id, time, partition, offset, data } = event;
  const { step, tool, purpose, needs, approvalId, agent } = data;
  const undone = purpose === 'compensate' ? trace.rollback : undefined;
  const parent = undone ?? stepSpan(trace, step, event);
  const span = childSpan('orchestrator', `call ${tool}`, spanIdOf('call', id), parent, time, {
    'interlock.run.id': event.run,
    'interlock.event.id': id,
    'interlock.step': step,
    'interlock.call.hash': data.callHash,
    'interlock.call.effect': data.effect,
    'interlock.call.purpose': purpose,
    'interlock.call.attempt': data.attempt,
    'interlock.plan.id': agent?.planId,
    'interlock.agent.level': agent?.level,
    'gen_ai.tool.name': tool,
    'gen_ai.tool.call.id': id,
  });
  trace.calls.set(id, {
    span,
    tool,
    needs: [...needs, id],
    approvalId,
    requestedCall: { id, partition, offset },
  });
  openCheck(trace, event, id, 'before', tool);
}

/** Policy's own time: from the question to the verdict as the run recorded it. */
function openCheck(
  trace: OpenTrace,
  event: TracedEvent,
  requestId: string,
  point: 'before' | 'after',
  tool: string,
): void {
  const parent = { spanId: spanIdOf('call', requestId), service: 'orchestrator' as const };
  const attributes = {
    'interlock.run.id': event.run,
    'interlock.event.id': event.id,
    'interlock.policy.point': point,
    'gen_ai.tool.name': tool,
  };
  const name = `check ${point} ${tool}`;
  const span = childSpan('policy', name, spanIdOf('check', event.id), parent, event.time, attributes);
  trace.checks.set(event.id, span);
}

/** The check that an outcome asks for. */
export function openOutputCheck(trace: OpenTrace, event: Of<'call.recorded' | 'call.late_recorded'>): void {
  const { requestId, check } = event.data;
  if (check !== undefined) openCheck(trace, event, requestId, 'after', check.tool);
}

/** A deny ends every request that needs this check; so does a requirement for which the request names no grant. */
export function judgeCall(trace: OpenTrace, { time, data }: Of<'verdict.recorded'>): FinishedSpan[] {
  const { checkId, point, verdict, approval, policies } = data;
  const said = {
    'interlock.policy.verdict': verdict,
    'interlock.policy.ids': policies,
    'interlock.policy.approval': approval?.kind,
  };
  const ended = close(trace, trace.checks, checkId, time, said);
  const own = trace.calls.get(checkId);
  const asksPeople = approval !== undefined && own?.approvalId === undefined && point === 'before';
  if (verdict === 'allow' && !asksPeople) return ended;
  for (const [id, { needs }] of trace.calls) {
    if (!needs.includes(checkId)) continue;
    const [outcome, error] = verdict === 'deny' ? ['denied', 'denied'] : ['approval_required', undefined];
    ended.push(...endCall(trace, id, time, outcome, error));
  }
  return ended;
}

/** The call's answer: how long it was on its way and how long the tool worked. */
export function recordCall(trace: OpenTrace, { time, data }: Of<'call.recorded'>): FinishedSpan[] {
  const { requestId, outcome, tookMs } = data;
  const call = trace.calls.get(requestId);
  if (call === undefined) return [];
  const error = errorOf(outcome);
  const parts = tookMs === undefined ? [] : partsOf(trace, call, time - tookMs, time, error);
  return [...parts, ...endCall(trace, requestId, time, outcome.kind, error)];
}

/** @param started ms, by the orchestrator's clock, so that a difference between clocks has no effect */
function partsOf(
  trace: OpenTrace,
  { span, tool, requestedCall }: OpenCall,
  started: number,
  ended: number,
  error: string | undefined,
): FinishedSpan[] {
  const from = Math.min(Math.max(started, span.start), ended);
  const run = { 'interlock.run.id': span.attributes['interlock.run.id'] };
  const queue = {
    ...childSpan('orchestrator', `queue ${tool}`, spanIdOf('queue', requestedCall.id), span, span.start, {
      ...run,
      'messaging.system': trace.broker,
      'messaging.operation.type': 'send',
      'messaging.operation.name': 'send',
      'messaging.destination.name': 'run.events',
      'messaging.destination.partition.id': String(requestedCall.partition),
      'messaging.kafka.offset': trace.broker === 'kafka' ? requestedCall.offset : undefined,
      'messaging.message.id': requestedCall.id,
    }),
    kind: 'producer' as const,
  };
  const work = childSpan(
    'tool-executor',
    `execute_tool ${tool}`,
    spanIdOf('work', requestedCall.id),
    span,
    from,
    {
      ...run,
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': tool,
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.id': requestedCall.id,
    },
  );
  return [finish(trace.traceId, queue, from), finish(trace.traceId, work, ended, {}, error)];
}

export function endCall(
  trace: OpenTrace,
  requestId: string,
  end: number,
  outcome: string,
  error?: string,
): FinishedSpan[] {
  const call = trace.calls.get(requestId);
  if (call === undefined) return [];
  trace.calls.delete(requestId);
  return [finish(trace.traceId, call.span, end, { 'interlock.call.outcome': outcome }, error)];
}

function errorOf(outcome: Of<'call.recorded'>['data']['outcome']): string | undefined {
  switch (outcome.kind) {
    case 'succeeded':
      return undefined;
    case 'failed':
      return outcome.failure.class;
    case 'unknown':
      return 'outcome_unknown';
    case 'refused':
      return outcome.code;
  }
}
