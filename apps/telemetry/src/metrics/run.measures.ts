import { runEvents, runLifeEvents } from '@interlock/contracts';
import { defineProjection } from '@interlock/projection';
import { type Measurement, measured } from './definition.js';
import { type LoggedRunEvent, named, newRun, type OpenRun, stepOf } from './open.run.js';
import { agentMeasures, agentOutcome } from './run.measures.agents.js';
import { approvalMeasures } from './run.measures.approvals.js';
import { callMeasures } from './run.measures.calls.js';
import { endMeasures, stepMeasures } from './run.measures.ends.js';
import { formLeft, formMeasures } from './run.measures.forms.js';
import { questionLeft, questionMeasures } from './run.measures.questions.js';
import { slaMeasures, zerosOfSla } from './run.measures.sla.js';
import {
  operatorEscalations,
  rollbacksStarted,
  runsNeedingOperator,
  runsOpen,
  runsStarted,
  stepsParked,
} from './run.metrics.js';
import { zerosOfRun } from './zeros.js';

/** Types that are measured; others need not be parsed. */
const measuredTypes: ReadonlySet<string> = new Set<LoggedRunEvent['type']>([
  'run.started',
  'call.requested',
  'call.recorded',
  'call.late_recorded',
  'verdict.recorded',
  'agent.started',
  'plan.requested',
  'plan.recorded',
  'agent.observed',
  'agent.fell_back',
  'step.completed',
  'step.failed',
  'step.skipped',
  'step.parked',
  'run.parked',
  'run.reopened',
  'run.migrated',
  'step.retry_scheduled',
  'wait.started',
  'sla.breached',
  'operator.escalated',
  'form.opened',
  'form.answered',
  'question.asked',
  'question.answered',
  'question.unanswered',
  'step.fell_back',
  'approval.requested',
  'approval.opened',
  'approval.voted',
  'approval.vote_refused',
  'approval.escalated',
  'approval.granted',
  'approval.denied',
  'approval.expired',
  'approval.withdrawn',
  'rollback.started',
  'run.completed',
  'run.failed',
  'run.cancelled',
  'run.rolled_back',
  'run.escalated',
]);

/**
 * What each event of `run.events` adds to the metrics; a row is a run that has not ended. What it remembers follows from the accepted
 * events of a partition alone, from the first on, in order, so the same log always gives the same metrics.
 */
export const runMeasures = defineProjection({
  name: 'metrics',
  topic: runEvents,
  events: runLifeEvents.filter(({ type }) => measuredTypes.has(type)),
  key: ({ run }) => run,
  apply(open: OpenRun | undefined, event: LoggedRunEvent, emit: (measurement: Measurement) => void) {
    const run = begun(event) ?? open;
    if (run === undefined) return undefined; // It has ended: what comes late changes no metric.
    for (const measurement of measuresOf(run, event)) emit(measurement);
    return ends.has(event.type) ? undefined : run;
  },
});

const ends: ReadonlySet<string> = new Set([
  'run.completed',
  'run.failed',
  'run.cancelled',
  'run.rolled_back',
  'run.escalated',
]);

/** A run that is taken up again counts from there on, like one that starts. */
const begun = ({ type, time, data }: LoggedRunEvent): OpenRun | undefined =>
  type === 'run.started' || type === 'run.reopened'
    ? newRun(data.workflow.name, String(data.workflow.version), time)
    : undefined;

/** Counted once, however often somebody has to look. */
function needsOperator(run: OpenRun): Measurement[] {
  if (run.neededOperator) return [];
  run.neededOperator = true;
  return [measured(runsNeedingOperator, named(run))];
}

/** It counts among the runs of its other version from here on. */
function migrated(run: OpenRun, { data }: Extract<LoggedRunEvent, { type: 'run.migrated' }>): Measurement[] {
  const left = measured(runsOpen, named(run), -1);
  run.version = String(data.workflow.version);
  return [left, measured(runsOpen, named(run)), ...zerosOfRun(named(run)), ...zerosOfSla(run, data.compiled)];
}

/** The run as a whole is late, and waits for an operator. */
const isHandedOver = ({ data: { step, action } }: Extract<LoggedRunEvent, { type: 'sla.breached' }>) =>
  step === undefined && action === 'escalate';

/** The step went on while somebody was asked. */
const left = (run: OpenRun, event: Parameters<typeof formLeft>[1]): Measurement[] => [
  ...formLeft(run, event),
  ...questionLeft(run, event),
];

function measuresOf(run: OpenRun, event: LoggedRunEvent): Measurement[] {
  switch (event.type) {
    case 'run.started':
      return [
        measured(runsStarted, named(run)),
        measured(runsOpen, named(run)),
        ...zerosOfRun(named(run)),
        ...zerosOfSla(run, event.data.compiled),
      ];
    case 'operator.escalated':
      return [measured(operatorEscalations, named(run))];
    case 'sla.breached':
      return [...slaMeasures(run, event), ...(isHandedOver(event) ? needsOperator(run) : [])];
    case 'call.requested':
    case 'call.recorded':
    case 'call.late_recorded':
    case 'verdict.recorded':
      return callMeasures(run, event);
    case 'step.completed':
    case 'step.failed':
    case 'step.skipped':
      return [...left(run, event), ...agentOutcome(run, event), ...stepMeasures(run, event)];
    case 'agent.started':
    case 'plan.requested':
    case 'plan.recorded':
    case 'agent.observed':
      return agentMeasures(run, event);
    case 'agent.fell_back':
      return [...questionLeft(run, event), ...agentMeasures(run, event)];
    case 'wait.started':
    case 'approval.requested':
    case 'step.retry_scheduled':
      stepOf(run, event.data.step, event.time);
      return [];
    case 'form.opened':
    case 'form.answered':
      return formMeasures(run, event);
    case 'question.asked':
    case 'question.answered':
    case 'question.unanswered':
      return questionMeasures(run, event);
    case 'step.fell_back':
      return left(run, event);
    case 'step.parked':
      return [
        ...left(run, event),
        measured(stepsParked, { ...named(run), because: event.data.because }),
        ...needsOperator(run),
      ];
    case 'run.reopened':
      return [measured(runsOpen, named(run)), ...needsOperator(run)];
    case 'run.migrated':
      return migrated(run, event);
    case 'run.parked':
      return needsOperator(run);
    case 'approval.opened':
    case 'approval.voted':
    case 'approval.vote_refused':
    case 'approval.escalated':
    case 'approval.granted':
    case 'approval.denied':
    case 'approval.expired':
    case 'approval.withdrawn':
      return approvalMeasures(run, event);
    case 'rollback.started':
      return [measured(rollbacksStarted, { ...named(run), because: event.data.because })];
    case 'run.completed':
    case 'run.failed':
    case 'run.cancelled':
    case 'run.rolled_back':
      return endMeasures(run, event);
    case 'run.escalated':
      return [...needsOperator(run), ...endMeasures(run, event)];
    default:
      return [];
  }
}
