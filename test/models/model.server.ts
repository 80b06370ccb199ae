import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Asked, askedOf, type CompletionRequest } from './asked.ts';
import type { Reply } from './reply.ts';
import { complaint } from './request.check.ts';

export type Script = (asked: Asked) => Reply | Promise<Reply>;

export interface ModelServer {
  /** For `INTERLOCK_MODEL_URL`. */
  readonly url: string;
  /** Every request that came, in order; those that broke the protocol are in `broken` instead. */
  readonly asked: Asked[];
  readonly broken: string[];
  /** The headers of each request, as text. */
  readonly headers: string[];
  /** Requests that are being answered. */
  readonly open: number;
  script: Script;
  stop(): Promise<void>;
}

/**
 * Speaks the protocol of OpenAI's chat completions on this machine: what it answers is up to the script, which may also be as hostile
 * as an endpoint can be. A request that a real endpoint would refuse is refused.
 * @param key requests without this bearer token get 401; absent: anybody may ask
 */
export async function startModelServer(
  script: Script,
  { key, port = 0 }: { key?: string; port?: number } = {},
): Promise<ModelServer> {
  const asked: Asked[] = [];
  const broken: string[] = [];
  const headers: string[] = [];
  let open = 0;
  const server = createServer((request, response) => {
    open += 1;
    response.once('close', () => {
      open -= 1;
    });
    answer(request, response).catch((problem: unknown) => {
      broken.push(String(problem));
      response.destroy();
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await read(request);
    headers.push(request.rawHeaders.join(' '));
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (key !== undefined && bearer !== key)
      return json(response, 401, {
        error: { message: 'Incorrect API key provided', code: 'invalid_api_key' },
      });
    const problem = complaint(request, text);
    if (problem !== undefined) {
      broken.push(problem);
      return json(response, 400, { error: { message: problem, type: 'invalid_request_error', code: null } });
    }
    const one = askedOf(asked.length + 1, JSON.parse(text) as CompletionRequest, bearer);
    asked.push(one);
    await send(response, await running.script(one), one);
  }

  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const running: ModelServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    broken,
    headers,
    get open() {
      return open;
    },
    script,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return running;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

async function send(response: ServerResponse, reply: Reply, asked: Asked): Promise<void> {
  switch (reply.kind) {
    case 'completion':
      if (reply.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, reply.delayMs));
      return json(response, 200, completionOf(reply, asked));
    case 'error':
      return json(response, reply.status, { error: reply.error }, reply.headers);
    case 'bytes':
      response.writeHead(reply.status ?? 200, { 'content-type': reply.type ?? 'application/json' });
      response.end(reply.text);
      return;
    case 'hung':
      return;
    case 'stalled':
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"choices": [');
      return;
    case 'cut':
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"choices": [', () => {
        response.socket?.destroy();
      });
      return;
    case 'endless':
      return pour(response);
  }
}

/** As fast as it is taken. */
function pour(response: ServerResponse): void {
  const chunk = ' '.repeat(64 * 1_024);
  response.writeHead(200, { 'content-type': 'application/json' });
  const more = (): void => {
    while (!response.destroyed) if (!response.write(chunk)) break;
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}

/** Four characters are about a token. */
const tokens = (value: unknown): number => Math.ceil(JSON.stringify(value).length / 4);

function completionOf(
  { message, finish, usage }: Extract<Reply, { kind: 'completion' }>,
  { body, number }: Asked,
) {
  const prompt_tokens = tokens([body.messages, body.tools ?? []]);
  const completion_tokens = tokens(message);
  const counted = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
  return {
    id: `chatcmpl-${number}`,
    object: 'chat.completion',
    created: 1_767_225_600,
    model: body.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
    ...(usage === null ? {} : { usage: usage ?? counted }),
  };
}
