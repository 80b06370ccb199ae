import type { Socket } from 'node:net';
import { Problem } from '@interlock/commands';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { useJsonBodies } from './body.parser.js';
import { PROBLEM_TYPE } from './problem.filter.js';

const HEADER_BYTES_MAX = 16 * 1024;
/** Node's own limit for the headers is a minute, and it looks every 30 s. */
const REQUEST_TIMEOUT_MS = 120_000;
const ARRIVAL = 'headers have a minute to arrive, all of it two';
/** An approval's id is a run's with a number behind it, each character percent-encoded at worst. */
const PARAM_LENGTH_MAX = 3 * 116;

/** Fastify with our body rules, and problem details where it would answer by itself. */
export class GatewayAdapter extends FastifyAdapter {
  constructor() {
    super({
      skipMiddie: true,
      requestTimeout: REQUEST_TIMEOUT_MS,
      routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
      http: { maxHeaderSize: HEADER_BYTES_MAX },
      forceCloseConnections: true,
      frameworkErrors: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) => {
        const problem = new Problem('malformed', `The address cannot be read: ${error.message}`);
        void reply.status(problem.status).header('content-type', PROBLEM_TYPE).send(JSON.stringify(problem));
      },
      clientErrorHandler: (error: Error & { code?: string }, socket: Socket) => {
        if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
        socket.end(rawAnswer(connectionProblem(error)));
      },
    });
  }

  override registerParserMiddleware(): void {
    useJsonBodies(this.getInstance());
  }
}

const connectionProblem = ({ code, message }: Error & { code?: string }): Problem =>
  code === 'ERR_HTTP_REQUEST_TIMEOUT'
    ? new Problem('too-slow', `The request was not whole in time: ${ARRIVAL}. Send it again.`)
    : new Problem('malformed', `This is not a usable HTTP request: ${message}`);

function rawAnswer(problem: Problem): string {
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
