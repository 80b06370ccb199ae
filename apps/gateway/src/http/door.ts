import type { Identity } from '@interlock/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { identify } from './identity.js';
import { sendProblem } from './problem.filter.js';
import { notReady, Problem } from './problem.js';
import type { RateLimiter } from './rate-limiter.js';
import type { RequestMetrics } from './request.metrics.js';

export interface DoorOptions {
  readonly mode: 'development' | 'production';
  readonly limiter: RateLimiter;
  readonly metrics: RequestMetrics;
  /** What keeps requests from being served; undefined: nothing. */
  readonly closedBy: () => string | undefined;
}

const callers = new WeakMap<FastifyRequest, Identity>();

/** Who sends the request. Only behind the door. */
export function callerOf(request: FastifyRequest): Identity {
  const caller = callers.get(request);
  if (caller === undefined) throw new Problem('no-identity', 'The request has no identity.');
  return caller;
}

/** Public keys are for everybody who holds an export, whether or not they may ask anything else. */
const isPublic = (url: string): boolean => url.split('?', 1)[0] === '/v1/keys';

/** What every request under `/v1/` passes before anything of it is read: readiness, identity, rate. */
export function useDoor(fastify: FastifyInstance, { mode, limiter, metrics, closedBy }: DoorOptions): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.url.startsWith('/v1/') || isPublic(request.url)) return done();
    try {
      const { authorization, host } = request.headers;
      const caller = identify(mode, { authorization, host, remoteAddress: request.ip });
      limiter.take(`${caller.tenant ?? ''}/${caller.sub}`, performance.now());
      const reason = closedBy();
      if (reason !== undefined) throw notReady(reason);
      callers.set(request, caller);
      done();
    } catch (error) {
      if (!(error instanceof Problem)) return done(error as Error);
      sendProblem(reply, error);
    }
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    metrics.count(request.method, request.routeOptions.url ?? 'unknown', reply.statusCode, reply.elapsedTime);
    done();
  });
}
