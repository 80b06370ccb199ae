import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { OrderStore } from './order-store.ts';
import type { RequestLog } from './request-log.ts';
import { type Answer, answer } from './routes.ts';

const BODY_BYTES_MAX = 64 * 1024;

/** `delayMs`: answers to writes wait this long after the work is durable, for those who want to kill somebody meanwhile. */
export function orderServer(store: OrderStore, log: RequestLog, delayMs: number): Server {
  return createServer((incoming, outgoing) => {
    handle(incoming, store, log)
      .catch((error: unknown): Answer => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        return { status: 500, body: { code: 'internal' } };
      })
      .then((given) => {
        const wait = incoming.method === 'POST' ? delayMs : 0;
        setTimeout(() => send(outgoing, given), wait);
      });
  });
}

async function handle(incoming: IncomingMessage, store: OrderStore, log: RequestLog): Promise<Answer> {
  const { method = 'GET', url = '/' } = incoming;
  const key = incoming.headers['idempotency-key'];
  const idempotencyKey = typeof key === 'string' && key !== '' ? key : undefined;
  const text = await textOf(incoming);
  const body = text === undefined ? undefined : jsonOf(text);
  const now = new Date();
  log.add({
    at: now.toISOString(),
    method,
    path: url,
    idempotencyKey: idempotencyKey ?? null,
    body: body ?? text?.slice(0, 500) ?? null,
  });
  if (text === undefined) return { status: 413, body: { code: 'too_large' } };
  if (text !== '' && body === undefined)
    return { status: 400, body: { code: 'malformed', detail: 'not JSON' } };
  return answer({ method, url: new URL(url, 'http://localhost'), idempotencyKey, body }, store, log, now);
}

/** Undefined: too large. The rest is read and thrown away, so that the answer can be. */
async function textOf(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += chunk.length;
    if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
  }
  return bytes > BODY_BYTES_MAX ? undefined : Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function send(outgoing: ServerResponse, { status, body }: Answer): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify(body));
}
