import { agentOutcomes, proposedCalls, shadowPlans } from './agent.metrics.js';
import { type Measurement, type MetricDefinition, measured } from './definition.js';
import {
  approvalsSettled,
  callsAnswered,
  operatorEscalations,
  policyDenials,
  rollbacksStarted,
  runsEnded,
  runsNeedingOperator,
  stepsParked,
  unsafeAttempts,
} from './run.metrics.js';

/**
 * A measurement of 0, so that a counter exists before the first event that it counts. Prometheus sees a counter grow only
 * when it has seen it before; one that appears at 1 has not grown, and no alert on it fires.
 */
const zero = <Label extends string>(
  metric: MetricDefinition<Label>,
  labels: Readonly<Record<NoInfer<Label>, string>>,
): Measurement => measured(metric, labels, 0);

/** What may become of a run that has started. */
export const zerosOfRun = (named: { readonly workflow: string; readonly version: string }): Measurement[] => [
  ...['true', 'false'].map((success) => zero(runsEnded, { ...named, status: 'completed', success })),
  ...['failed', 'cancelled', 'rolled_back', 'escalated'].map((status) =>
    zero(runsEnded, { ...named, status, success: 'false' }),
  ),
  zero(runsNeedingOperator, named),
  zero(operatorEscalations, named),
  ...['in_doubt', 'escalated', 'denied'].map((because) => zero(stepsParked, { ...named, because })),
  ...['failed', 'cancelled'].map((because) => zero(rollbacksStarted, { ...named, because })),
];

/** What may become of a call that is requested. */
export const zerosOfCall = (workflow: string, tool: string): Measurement[] => [
  ...['succeeded', 'failed', 'unknown', 'refused'].map((outcome) => zero(callsAnswered, { tool, outcome })),
  ...['before', 'after'].map((point) => zero(policyDenials, { workflow, tool, point })),
  ...['blocked', 'executed'].map((outcome) => zero(unsafeAttempts, { tool, outcome })),
];

/** What may become of a request to people. */
export const zerosOfApproval = (subject: string, kind: string): Measurement[] =>
  ['granted', 'denied', 'expired', 'withdrawn'].map((outcome) =>
    zero(approvalsSettled, { subject, kind, outcome }),
  );

/** What may become of an agent step that has started. */
export const zerosOfAgent = (
  step: { readonly workflow: string; readonly step: string },
  level: string,
): Measurement[] => [
  ...['agent', 'baseline', 'none'].map((source) => zero(agentOutcomes, { ...step, level, source })),
  ...['succeeded', 'failed', 'denied', 'unknown', 'unusable', 'unlisted', 'repeated', 'skipped'].map(
    (result) => zero(proposedCalls, { ...step, result }),
  ),
  ...(level === 'shadow' ? ['true', 'false'].map((agrees) => zero(shadowPlans, { ...step, agrees })) : []),
];
