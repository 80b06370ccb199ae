import { Problem } from '@interlock/commands';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { BODY_BYTES_MAX, parseJsonObject } from './json-body.js';

/** Bytes of an oversized body that are read and dropped, so that its sender lives to see the answer. */
const DRAIN_BYTES_MAX = 64 * 1024 * 1024;

const tooLarge = (): Problem =>
  new Problem('too-large', `The body is over ${BODY_BYTES_MAX.toLocaleString('en')} bytes.`);
const notJson = (): Problem => new Problem('not-json', 'Send the body as Content-Type: application/json.');

/** Replaces every parser of `fastify`: JSON objects within the limits of `json-body.ts`, or a problem. */
export function useJsonBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', async (request: FastifyRequest, stream: Source) => {
    const bytes = await readAll(stream);
    rawBodies.set(request, bytes);
    return parseJsonObject(bytes);
  });
  fastify.addContentTypeParser('*', async (_request: FastifyRequest, stream: Source) => {
    await drain(stream);
    throw notJson();
  });
}

const rawBodies = new WeakMap<FastifyRequest, Uint8Array>();

/** The body as it came, for whoever checks a signature over it. */
export const rawBodyOf = (request: FastifyRequest): Uint8Array => rawBodies.get(request) ?? new Uint8Array();

type Source = AsyncIterable<Buffer>;

async function readAll(stream: Source): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length <= BODY_BYTES_MAX) chunks.push(chunk);
    else chunks.length = 0;
    if (length > DRAIN_BYTES_MAX) break;
  }
  if (length > BODY_BYTES_MAX) throw tooLarge();
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length);
}

async function drain(stream: Source): Promise<void> {
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > DRAIN_BYTES_MAX) break;
  }
  if (length > BODY_BYTES_MAX) throw tooLarge();
}
