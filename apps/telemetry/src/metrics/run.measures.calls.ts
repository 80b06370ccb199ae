import { judgedRequestOf } from '@interlock/contracts';
import { type Measurement, measured } from './definition.js';
import { type LoggedRunEvent, type OpenRun, seconds, stepOf } from './open.run.js';
import { callSeconds, callsAnswered, checkSeconds, policyDenials, unsafeAttempts } from './run.metrics.js';
import { zerosOfCall } from './zeros.js';

type CallEvent = Extract<
  LoggedRunEvent,
  { type: 'call.requested' | 'call.recorded' | 'call.late_recorded' | 'verdict.recorded' }
>;

export function callMeasures(run: OpenRun, event: CallEvent): Measurement[] {
  switch (event.type) {
    case 'call.requested':
      return requestCall(run, event);
    case 'verdict.recorded':
      return judge(run, event);
    case 'call.recorded':
      askAbout(run, event);
      return record(run, event);
    case 'call.late_recorded':
      askAbout(run, event);
      return [];
  }
}

type Recorded = CallEvent & { type: 'call.recorded' | 'call.late_recorded' };

function askAbout(run: OpenRun, { id, time, data }: Recorded): void {
  if (data.check !== undefined) run.asked.set(id, time);
}

function requestCall(
  run: OpenRun,
  { id, time, data }: CallEvent & { type: 'call.requested' },
): Measurement[] {
  const { step, tool, purpose, needs, approvalId, reserved } = data;
  if (purpose !== 'compensate') stepOf(run, step, time);
  const microUsd = Math.round(reserved.costUsd * 1_000_000);
  run.asked.set(id, time);
  run.callRequests.set(id, {
    step,
    tool,
    purpose,
    at: time,
    needs: [...needs, id],
    approvalId,
    microUsd,
    isPerformed: false,
  });
  return zerosOfCall(run.workflow, tool);
}

function judge(run: OpenRun, { time, data }: CallEvent & { type: 'verdict.recorded' }): Measurement[] {
  const { checkId, point, verdict } = data;
  const asked = run.asked.get(checkId);
  run.asked.delete(checkId);
  run.verdicts.set(checkId, data);
  const measures = asked === undefined ? [] : [measured(checkSeconds, { point }, seconds(time - asked))];
  if (verdict === 'allow') return measures;
  const tool = run.callRequests.get(judgedRequestOf(data))?.tool ?? run.judged.get(checkId) ?? 'unknown';
  return [...measures, measured(policyDenials, { workflow: run.workflow, tool, point })];
}

function record(run: OpenRun, { time, data }: CallEvent & { type: 'call.recorded' }): Measurement[] {
  const { requestId, outcome, tookMs } = data;
  const callRequest = run.callRequests.get(requestId);
  if (callRequest === undefined) return [];
  const { tool, step, at, purpose, microUsd } = callRequest;
  const measures = [measured(callsAnswered, { tool, outcome: outcome.kind })];
  if (outcome.kind === 'refused') {
    if (outcome.unsafe) measures.push(measured(unsafeAttempts, { tool, outcome: 'blocked' }));
  } else if (!callRequest.isPerformed) {
    callRequest.isPerformed = true;
    if (purpose !== 'compensate') run.microUsd += microUsd;
  }
  if (tookMs !== undefined) {
    const open = run.steps.get(step);
    if (open !== undefined && purpose !== 'compensate') open.workMs += tookMs;
    measures.push(measured(callSeconds, { tool, part: 'work' }, seconds(tookMs)));
    measures.push(measured(callSeconds, { tool, part: 'queue' }, seconds(Math.max(0, time - at - tookMs))));
  }
  return measures;
}
