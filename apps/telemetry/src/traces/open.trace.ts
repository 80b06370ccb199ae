import { readTraceparent, spanIdOf, stepNameOf, traceIdOf } from '@interlock/contracts';
import type { LoggedRunEvent } from '../metrics/open.run.js';
import { type FinishedSpan, finish, type OpenSpan } from './span.js';

/** An event and where it lies: what its spans are made of. */
export type TracedEvent = LoggedRunEvent & {
  readonly partition: number;
  readonly offset: number;
  readonly traceparent?: string;
};

export interface OpenCall {
  readonly span: OpenSpan;
  readonly tool: string;
  readonly needs: readonly string[];
  readonly approvalId: string | undefined;
  readonly requestedCall: { readonly id: string; readonly partition: number; readonly offset: number };
}

export interface OpenPlan {
  readonly span: OpenSpan;
  readonly asked: TracedEvent & { readonly type: 'plan.requested' };
}

/** Of a run that has not ended: its spans that have begun. */
export interface OpenTrace {
  readonly traceId: string;
  /** Whether whoever began the trace wants it kept. */
  readonly isSampled: boolean;
  /** The caller began it. */
  readonly isContinued: boolean;
  /** `messaging.system` of the broker. */
  readonly broker: string;
  readonly run: OpenSpan;
  readonly steps: Map<string, OpenSpan>;
  /** By requestId. */
  readonly calls: Map<string, OpenCall>;
  /** By check. */
  readonly checks: Map<string, OpenSpan>;
  readonly approvals: Map<string, OpenSpan>;
  /** By callHash. */
  readonly recoveries: Map<string, OpenSpan>;
  /** By step; kept after the step ended, because a plan in shadow is made then. */
  readonly agents: Map<string, OpenSpan>;
  /** By planId. */
  readonly plans: Map<string, OpenPlan>;
  rollback: OpenSpan | undefined;
}

/** In the trace its start command came with, else in one that follows from the root run's id. */
export function openTrace(event: TracedEvent & { type: 'run.started' }, broker: string): OpenTrace {
  const { run, time, data, traceparent } = event;
  const given = readTraceparent(traceparent);
  const { name, version } = data.workflow;
  const span: OpenSpan = {
    service: 'orchestrator',
    name: `invoke_workflow ${name}`,
    kind: 'internal',
    spanId: spanIdOf('run', run),
    parent: { spanId: spanIdOf('request', data.commandId), isRemote: true },
    start: time,
    attributes: {
      'gen_ai.operation.name': 'invoke_workflow',
      'gen_ai.agent.name': name,
      'interlock.run.id': run,
      'interlock.workflow.name': name,
      'interlock.workflow.version': version,
    },
    events: [],
  };
  return {
    traceId: given?.traceId ?? traceIdOf(data.rootRunId),
    isSampled: given?.sampled ?? true,
    isContinued: given !== undefined,
    broker,
    run: span,
    steps: new Map(),
    calls: new Map(),
    checks: new Map(),
    approvals: new Map(),
    recoveries: new Map(),
    agents: new Map(),
    plans: new Map(),
    rollback: undefined,
  };
}

/** A step begins with the first event that names it. */
export function stepSpan(trace: OpenTrace, step: string, { id, time }: TracedEvent): OpenSpan {
  let span = trace.steps.get(step);
  if (span === undefined) {
    span = {
      service: 'orchestrator',
      // Of few values: which turn of a loop it is stands in the attribute.
      name: `step ${stepNameOf(step)}`,
      kind: 'internal',
      spanId: spanIdOf(`step ${step}`, id),
      parent: { spanId: trace.run.spanId, isRemote: false },
      start: time,
      attributes: { 'interlock.run.id': trace.run.attributes['interlock.run.id'], 'interlock.step': step },
      events: [],
    };
    trace.steps.set(step, span);
  }
  return span;
}

/** A span of `service` beneath `parent`. */
export const childSpan = (
  service: OpenSpan['service'],
  name: string,
  spanId: string,
  parent: { readonly spanId: string; readonly service: OpenSpan['service'] },
  start: number,
  attributes: OpenSpan['attributes'],
): OpenSpan => ({
  service,
  name,
  kind: 'internal',
  spanId,
  parent: { spanId: parent.spanId, isRemote: parent.service !== service },
  start,
  attributes,
  events: [],
});

/** Ends a span that is kept under `key`; nothing when there is none. */
export function close<Key>(
  trace: OpenTrace,
  spans: Map<Key, OpenSpan>,
  key: Key,
  end: number,
  attributes?: OpenSpan['attributes'],
  error?: string,
): FinishedSpan[] {
  const span = spans.get(key);
  if (span === undefined) return [];
  spans.delete(key);
  return [finish(trace.traceId, span, end, attributes, error)];
}
