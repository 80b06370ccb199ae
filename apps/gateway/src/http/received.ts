import type { Received } from '@interlock/commands';
import { readTraceparent, traceparentOf } from '@interlock/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** When a request came, and in which trace. A header that is no `traceparent` is as good as none: tracing refuses nothing. */
export function receivedOf({ headers }: FastifyRequest, { elapsedTime }: FastifyReply): Received {
  const { traceparent } = headers;
  const context = readTraceparent(typeof traceparent === 'string' ? traceparent : undefined);
  return {
    at: Date.now() - Math.round(elapsedTime),
    traceparent: context === undefined ? undefined : traceparentOf(context),
  };
}
