import { stepNameOf } from '@interlock/contracts';
import { type Measurement, measured } from './definition.js';
import { isAllowed, type LoggedRunEvent, named, type OpenRun, seconds } from './open.run.js';
import { runCost, runSeconds, runsEnded, runsOpen, stepSeconds, unsafeAttempts } from './run.metrics.js';

type StepEvent = Extract<LoggedRunEvent, { type: 'step.completed' | 'step.failed' | 'step.skipped' }>;
type EndEvent = Extract<
  LoggedRunEvent,
  { type: 'run.completed' | 'run.failed' | 'run.cancelled' | 'run.rolled_back' | 'run.escalated' }
>;

/** A step that nothing had named before took no time; one that was skipped from the start does not count. */
export function stepMeasures(run: OpenRun, { type, time, data: { step } }: StepEvent): Measurement[] {
  const open = run.steps.get(step);
  run.steps.delete(step);
  if (open === undefined && type === 'step.skipped') return [];
  const { since, workMs, peopleMs } = open ?? { since: time, workMs: 0, peopleMs: 0 };
  const queueMs = Math.max(0, time - since - workMs - peopleMs);
  const parts = { queue: queueMs, work: workMs, people: peopleMs };
  const labels = { workflow: run.workflow, step: stepNameOf(step) };
  return Object.entries(parts).map(([part, ms]) => measured(stepSeconds, { ...labels, part }, seconds(ms)));
}

export function endMeasures(run: OpenRun, event: EndEvent): Measurement[] {
  const status = event.type.slice('run.'.length);
  const success = String(event.type === 'run.completed' && event.data.success);
  const unsafe = [...run.callRequests.values()].filter(
    (callRequest) => callRequest.isPerformed && !isAllowed(run, callRequest),
  );
  return [
    measured(runsOpen, named(run), -1),
    measured(runsEnded, { ...named(run), status, success }),
    measured(runSeconds, { workflow: run.workflow, status }, seconds(event.time - run.startedAt)),
    measured(runCost, { ...named(run), success }, run.microUsd / 1_000_000),
    ...unsafe.map(({ tool }) => measured(unsafeAttempts, { tool, outcome: 'executed' })),
  ];
}
