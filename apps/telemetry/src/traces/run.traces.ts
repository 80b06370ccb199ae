import { runEvents, runLifeEvents, spanIdOf } from '@interlock/contracts';
import { defineProjection } from '@interlock/projection';
import { observedOf, recordPlan, requestPlan, startAgent } from './agent.spans.js';
import { endCall, judgeCall, openOutputCheck, recordCall, requestToolCall } from './call.spans.js';
import { childSpan, close, type OpenTrace, openTrace, stepSpan, type TracedEvent } from './open.trace.js';
import { noteApproval, openApproval, settleApproval } from './people.spans.js';
import { type FinishedSpan, finish, note } from './span.js';

type End = Extract<
  TracedEvent,
  { type: 'run.completed' | 'run.failed' | 'run.cancelled' | 'run.rolled_back' | 'run.escalated' }
>;

/**
 * The spans of runs, each emitted by the event that ends it; a row is a run that has not ended. What it remembers and every id follow from
 * the accepted events of a partition in order, so emitting them again gives the same spans.
 * @param broker what the spans call it in `messaging.system`
 */
export const runTraces = (broker: string) =>
  defineProjection({
    name: 'traces',
    topic: runEvents,
    events: runLifeEvents,
    key: ({ run }) => run,
    apply(trace: OpenTrace | undefined, event: TracedEvent, emit: (span: FinishedSpan) => void) {
      if (event.type === 'run.started') return openTrace(event, broker);
      if (trace === undefined) return undefined;
      const spans = spansAfter(trace, event);
      if (trace.isSampled)
        for (const span of spans) emit(trace.isContinued ? { ...span, isContinued: true } : span);
      return isEnd(event) ? undefined : trace;
    },
  });

const isEnd = ({ type }: TracedEvent): boolean =>
  type === 'run.completed' ||
  type === 'run.failed' ||
  type === 'run.cancelled' ||
  type === 'run.rolled_back' ||
  type === 'run.escalated';

function spansAfter(trace: OpenTrace, event: TracedEvent): FinishedSpan[] {
  const { time } = event;
  switch (event.type) {
    case 'call.requested':
      requestToolCall(trace, event);
      return [];
    case 'verdict.recorded':
      return judgeCall(trace, event);
    case 'call.recorded':
      openOutputCheck(trace, event);
      return recordCall(trace, event);
    case 'call.late_recorded':
      openOutputCheck(trace, event);
      return spansOfSteps(trace, event);
    case 'call.revoked':
    case 'call.overdue':
    case 'call.place_awaited':
      note(trace.calls.get(event.data.requestId)?.span, event.type, time);
      return [];
    case 'approval.opened':
      openApproval(trace, event);
      return [];
    case 'approval.voted':
    case 'approval.vote_refused':
    case 'approval.reminded':
    case 'approval.escalated':
      noteApproval(trace, event);
      return [];
    case 'approval.granted':
    case 'approval.denied':
    case 'approval.expired':
    case 'approval.withdrawn':
      return settleApproval(trace, event);
    case 'agent.started':
      startAgent(trace, event);
      return [];
    case 'plan.requested':
      requestPlan(trace, event);
      return [];
    case 'plan.recorded':
      return recordPlan(trace, event);
    case 'agent.observed':
      note(trace.steps.get(event.data.step), event.type, time, observedOf(event.data.observation));
      return [];
    case 'agent.fell_back':
    case 'plan.retry_scheduled':
      note(trace.steps.get(event.data.step), event.type, time, { 'error.type': event.data.failure.class });
      return [];
    default:
      return spansOfSteps(trace, event);
  }
}

function spansOfSteps(trace: OpenTrace, event: TracedEvent): FinishedSpan[] {
  const { time } = event;
  switch (event.type) {
    case 'wait.started':
    case 'form.opened':
    case 'approval.requested':
      stepSpan(trace, event.data.step, event);
      return [];
    case 'step.completed':
      stepSpan(trace, event.data.step, event);
      return close(trace, trace.steps, event.data.step, time, { 'interlock.step.via': event.data.via });
    case 'step.failed':
      stepSpan(trace, event.data.step, event);
      return close(trace, trace.steps, event.data.step, time, {}, event.data.failure.class);
    case 'step.skipped':
      return close(trace, trace.steps, event.data.step, time, {
        'interlock.step.skipped': event.data.because,
      });
    case 'step.retry_scheduled':
    case 'step.stopped':
    case 'step.fell_back':
    case 'step.parked':
    case 'step.resumed':
    case 'step.resolved':
    case 'form.answered':
    case 'question.asked':
    case 'question.answered':
    case 'question.unanswered':
      note(stepSpan(trace, event.data.step, event), event.type, time);
      return [];
    case 'call.recovery_started': {
      const { step, callHash, by } = event.data;
      if (trace.recoveries.has(callHash)) return [];
      const parent = stepSpan(trace, step, event);
      const attributes = { 'interlock.run.id': event.run, 'interlock.recovery.by': by };
      const spanId = spanIdOf('recovery', event.id);
      const span = childSpan('orchestrator', `recover ${step}`, spanId, parent, time, attributes);
      trace.recoveries.set(callHash, span);
      return [];
    }
    case 'call.doubt_resolved': {
      const { callHash, happened } = event.data;
      return close(trace, trace.recoveries, callHash, time, { 'interlock.call.happened': happened });
    }
    default:
      return spansOfRun(trace, event);
  }
}

function spansOfRun(trace: OpenTrace, event: TracedEvent): FinishedSpan[] {
  const { time } = event;
  switch (event.type) {
    case 'rollback.started':
      trace.rollback ??= childSpan(
        'orchestrator',
        'rollback',
        spanIdOf('rollback', event.id),
        trace.run,
        time,
        {
          'interlock.run.id': event.run,
          'interlock.rollback.because': event.data.because,
          'interlock.rollback.writes': event.data.writes.length,
        },
      );
      return [];
    case 'step.compensated':
    case 'step.compensation_failed':
      note(trace.rollback, event.type, time, { 'interlock.step': event.data.step });
      return [];
    case 'operator.escalated': {
      const { step } = event.data;
      note(step === undefined ? trace.run : stepSpan(trace, step, event), event.type, time);
      return [];
    }
    case 'sla.breached':
      note(
        event.data.step === undefined ? trace.run : stepSpan(trace, event.data.step, event),
        event.type,
        time,
        { 'interlock.sla.action': event.data.action },
      );
      return [];
    case 'run.paused':
    case 'run.resumed':
    case 'run.parked':
    case 'run.unparked':
    case 'run.cancelling':
    case 'signal.received':
    case 'run.budget_warned':
    case 'command.refused':
      note(trace.run, event.type, time);
      return [];
    case 'run.completed':
    case 'run.failed':
    case 'run.cancelled':
    case 'run.rolled_back':
    case 'run.escalated':
      return endRun(trace, event);
    default:
      return [];
  }
}

/** Everything that is still open ends with the run. */
function endRun(trace: OpenTrace, event: End): FinishedSpan[] {
  const { type, time, data } = event;
  const status = type.slice('run.'.length);
  const left = { 'interlock.unfinished': true };
  const success = type === 'run.completed' ? data.success : false;
  const error = type === 'run.completed' || type === 'run.cancelled' ? undefined : data.failure.class;
  const plans = new Map([...trace.plans].map(([id, { span }]) => [id, span] as const));
  const kept = [trace.checks, plans, trace.recoveries, trace.approvals, trace.steps];
  const calls = [...trace.calls.keys()].flatMap((requestId) => endCall(trace, requestId, time, 'unanswered'));
  const unfinished = kept.flatMap((spans) => [...spans.values()]);
  const rollback = trace.rollback === undefined ? [] : [finish(trace.traceId, trace.rollback, time)];
  const outcome = { 'interlock.run.status': status, 'interlock.run.success': success };
  return [
    ...calls,
    ...unfinished.map((span) => finish(trace.traceId, span, time, left)),
    ...rollback,
    finish(trace.traceId, trace.run, time, outcome, error),
  ];
}
