import { PROOF_HEADER, type TokenVerifier } from '@interlock/authority';
import { notReady, Problem } from '@interlock/commands';
import { fieldOf, type Identity } from '@interlock/contracts';
import { type Access, type AccessLog, type Bearer, STRANGER } from '@interlock/service';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { identify } from './identity.js';
import { sendProblem } from './problem.filter.js';
import type { RateLimiter } from './rate-limiter.js';
import type { RequestMetrics } from './request.metrics.js';

export interface AuthHookOptions {
  readonly tokens: Pick<TokenVerifier, 'verify'>;
  readonly limits: { readonly reads: RateLimiter; readonly writes: RateLimiter };
  readonly metrics: RequestMetrics;
  readonly access: AccessLog;
  /** What keeps requests from being served; undefined: nothing. */
  readonly closedBy: () => string | undefined;
}

const callers = new WeakMap<FastifyRequest, Bearer>();

/** Who sends the request. Only where the auth hook has run. */
export const callerOf = (request: FastifyRequest): Identity => bearerOf(request).by;

/** The same, with what proves it. */
export function bearerOf(request: FastifyRequest): Bearer {
  const bearer = callers.get(request);
  if (bearer === undefined) throw new Problem('no-identity', 'The request has no identity.');
  return bearer;
}

/** What limits are counted by. */
export const subjectOf = ({ tenant, sub }: Identity): string => JSON.stringify([tenant, sub]);

/**
 * Decided by the route that will answer: an address can be written in many ways (`/%761/runs`, `http://host/v1/runs`), and what
 * is served is the route. What no route answers is decided by its address.
 */
const needsIdentity = ({ routeOptions, url }: FastifyRequest): boolean =>
  (routeOptions.url ?? url).startsWith('/v1/');

/** Public keys are for everybody who holds an export, whether or not they may ask anything else. */
const isPublic = ({ routeOptions }: FastifyRequest): boolean => routeOptions.url === '/v1/keys';

/** Other systems bear no token: what proves who they are is in the request, and is looked at by the route. */
const isSigned = ({ routeOptions }: FastifyRequest): boolean => routeOptions.url === '/v1/triggers/:name';

/** The request has proven that it acts in this name. */
export const actsFor = (request: FastifyRequest, by: Identity): void => void subjects.set(request, by);
const subjects = new WeakMap<FastifyRequest, Identity>();

/**
 * What every request under `/v1/` passes before anything of it is read: identity, rate, readiness. Each is written down when
 * its answer has ended, whether or not the caller was still there.
 */
export function useAuthHook(fastify: FastifyInstance, options: AuthHookOptions): void {
  fastify.addHook('onRequest', async (request, reply) => {
    if (!needsIdentity(request)) return undefined;
    const end = options.access.begin(() => accessOf(request, reply));
    accesses.set(request, end);
    reply.raw.once('close', end);
    try {
      await enter(request, options);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      sendProblem(reply, error);
      return reply;
    }
    return undefined;
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request;
    options.metrics.count(method, routeOptions.url ?? 'unknown', reply.statusCode, reply.elapsedTime);
    done();
  });
}

const accesses = new WeakMap<FastifyRequest, () => void>();

/** Writes the request down now. Only a stream, which may go on for days, has to say so before it ends. */
export function writeDown(request: FastifyRequest): void {
  accesses.get(request)?.();
}

/** @throws {Problem} the caller is refused, or nobody is served now */
async function enter(request: FastifyRequest, { tokens, limits, closedBy }: AuthHookOptions): Promise<void> {
  const limiter = request.method === 'GET' || request.method === 'HEAD' ? limits.reads : limits.writes;
  const countStranger = () => limiter.take(`anonymous ${request.ip}`, performance.now());
  if (isPublic(request)) return countStranger();
  if (isSigned(request)) {
    countStranger();
    const closed = closedBy();
    if (closed !== undefined) throw notReady(closed);
    return;
  }
  let caller: Bearer;
  try {
    const { authorization, [PROOF_HEADER]: proof } = request.headers;
    const { by, token } = await identify(tokens, authorization);
    caller = { by, credential: { token, ...(typeof proof === 'string' && { proof }) } };
  } catch (error) {
    countStranger();
    throw error;
  }
  callers.set(request, caller);
  limiter.take(subjectOf(caller.by), performance.now());
  const reason = closedBy();
  if (reason !== undefined) throw notReady(reason);
}

/** Of an answer that had not begun when the caller left. */
const CALLER_LEFT = 499;

function accessOf(request: FastifyRequest, { raw }: FastifyReply): Access {
  const { sub, roles, tenant }: Identity = callers.get(request)?.by ??
    subjects.get(request) ?? { sub: STRANGER, roles: [] };
  const subject = namedIn(request);
  return {
    sub,
    roles,
    ...(tenant !== undefined && { tenant }),
    method: request.method,
    route: request.routeOptions.url ?? 'unknown',
    ...(subject !== undefined && { subject: subject.slice(0, 200) }),
    status: raw.headersSent ? raw.statusCode : CALLER_LEFT,
    at: Date.now(),
  };
}

/** What the address names: of a part of a thing, both. */
function namedIn({ routeOptions, params }: FastifyRequest): string | undefined {
  const parameters = [...(routeOptions.url ?? '').matchAll(/:(\w+)/g)];
  const named = parameters.map(([, parameter = '']) => fieldOf(params, parameter));
  return named.length === 0 ? undefined : named.join('/');
}
