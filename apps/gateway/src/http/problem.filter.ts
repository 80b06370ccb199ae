import { Problem } from '@interlock/commands';
import { errorText, fieldOf } from '@interlock/contracts';
import type { Log } from '@interlock/service';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { knownProblem } from './known.problem.js';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** Turns whatever was thrown into problem details; a defect of ours is logged whole and told in one line. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const problem = problemOf(error, request);
    if (problem.status === 500) this.log.error({ err: error, url: request.url }, 'a request failed');
    sendProblem(http.getResponse<FastifyReply>(), problem);
  }
}

export function sendProblem(reply: FastifyReply, problem: Problem): void {
  if (problem.retryAfterS !== undefined) void reply.header('retry-after', problem.retryAfterS);
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
  void reply.status(problem.status).header('content-type', PROBLEM_TYPE).send(JSON.stringify(problem));
}

function problemOf(error: unknown, request: FastifyRequest): Problem {
  const known = knownProblem(error);
  if (known !== undefined) return known;
  const status = error instanceof HttpException ? error.getStatus() : fieldOf(error, 'statusCode');
  const detail = errorText(error);
  if (status === 404) return new Problem('unknown', `There is no ${request.method} ${pathOf(request.url)}.`);
  if (status === 413) return new Problem('too-large', detail);
  if (status === 415) return new Problem('not-json', 'Send the body as Content-Type: application/json.');
  if (typeof status === 'number' && status >= 400 && status < 500) return new Problem('malformed', detail);
  return new Problem('internal', 'Something went wrong here; the log of the gateway has the details.');
}

const pathOf = (url: string): string => (url.split('?')[0] ?? '').slice(0, 200);
