import { type Measurement, measured } from './definition.js';
import { type LoggedRunEvent, named, newRun, type OpenRun, stepOf } from './open.run.js';
import { agentMeasures, agentOutcome } from './run.measures.agents.js';
import { approvalMeasures } from './run.measures.approvals.js';
import { callMeasures } from './run.measures.calls.js';
import { endMeasures, stepMeasures } from './run.measures.ends.js';
import { rollbacksStarted, runsOpen, runsStarted, stepsParked } from './run.metrics.js';
import { zerosOfRun } from './zeros.js';

/** Types that are measured; others need not be parsed. */
export const measuredTypes: ReadonlySet<LoggedRunEvent['type']> = new Set<LoggedRunEvent['type']>([
  'run.started',
  'call.armed',
  'call.recorded',
  'check.requested',
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
  'step.retry_scheduled',
  'wait.started',
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
 * What each event of `run.events` adds to the metrics. It is told every accepted event of a partition, from the first on, in order;
 * what it remembers follows from them alone, so the same log always gives the same figures.
 */
export class RunMeasures {
  readonly #open = new Map<string, OpenRun>();

  take(event: LoggedRunEvent): Measurement[] {
    if (event.type === 'run.started') return this.#start(event);
    const run = this.#open.get(event.run);
    if (run === undefined) return []; // It has ended: what comes late changes no figure.
    switch (event.type) {
      case 'call.armed':
      case 'call.recorded':
      case 'check.requested':
      case 'verdict.recorded':
        return callMeasures(run, event);
      case 'step.completed':
      case 'step.failed':
      case 'step.skipped':
        return [...agentOutcome(run, event), ...stepMeasures(run, event)];
      case 'agent.started':
      case 'plan.requested':
      case 'plan.recorded':
      case 'agent.observed':
      case 'agent.fell_back':
        return agentMeasures(run, event);
      case 'wait.started':
      case 'approval.requested':
      case 'step.retry_scheduled':
        stepOf(run, event.data.step, event.time);
        return [];
      case 'step.parked':
        return [measured(stepsParked, { ...named(run), because: event.data.because })];
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
      case 'run.escalated':
        this.#open.delete(event.run);
        return endMeasures(run, event);
      default:
        return [];
    }
  }

  #start({ run: id, time, data }: LoggedRunEvent & { type: 'run.started' }): Measurement[] {
    const run = newRun(data.workflow.name, String(data.workflow.version), time);
    this.#open.set(id, run);
    return [measured(runsStarted, named(run)), measured(runsOpen, named(run)), ...zerosOfRun(named(run))];
  }
}
