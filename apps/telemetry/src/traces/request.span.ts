import { readTraceparent, spanIdOf, traceIdOf } from '@interlock/contracts';
import type { FinishedSpan } from './span.js';

/** A start command as the gateway wrote it. Instants are UTC ms. */
export interface StartCommand {
  readonly commandId: string;
  readonly runId: string;
  readonly workflow: string;
  /** When the request came. */
  readonly receivedAt: number;
  /** When the command was ready for the log. */
  readonly issuedAt: number;
  /** As the caller sent it. */
  readonly traceparent?: string;
}

/** The request that began a run: the first span of its trace, beneath the caller's when he named one. */
export function requestSpan(command: StartCommand): FinishedSpan[] {
  const { commandId, runId, workflow, receivedAt, issuedAt, traceparent } = command;
  const given = readTraceparent(traceparent);
  if (given?.sampled === false) return [];
  return [
    {
      service: 'gateway',
      name: 'POST /v1/runs',
      kind: 'server',
      traceId: given?.traceId ?? traceIdOf(runId),
      spanId: spanIdOf('request', commandId),
      ...(given === undefined
        ? {}
        : { parent: { spanId: given.spanId, isRemote: true }, isContinued: true as const }),
      start: receivedAt,
      end: Math.max(receivedAt, issuedAt),
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/v1/runs',
        'interlock.run.id': runId,
        'interlock.workflow.name': workflow,
        'messaging.destination.name': 'run.commands',
        'messaging.message.id': commandId,
      },
      events: [],
    },
  ];
}
