import type { FastifyReply } from 'fastify';

/** Sends JSON text as it is. */
export function sendJson(reply: FastifyReply, status: number, text: string): void {
  void reply.status(status).header('content-type', 'application/json; charset=utf-8').send(text);
}
