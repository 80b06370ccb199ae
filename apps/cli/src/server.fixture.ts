import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runCli, type Terminal } from './program.js';

export interface Asked {
  readonly call: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}
type Route = (response: ServerResponse, asked: Asked) => void;

/** A server that speaks as much of the documented interface as a test needs, on a real socket. */
export class TestServer {
  readonly asked: Asked[] = [];
  readonly #routes = new Map<string, Route[]>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What `METHOD /path?query` is answered, call after call; the last answer stays. */
  on(call: string, ...answers: (readonly [status: number, body: unknown])[]): this {
    return this.route(
      call,
      ...answers.map(([status, body]) => (response: ServerResponse) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      }),
    );
  }

  route(call: string, ...routes: Route[]): this {
    this.#routes.set(call, routes);
    return this;
  }

  /** The bodies that were sent to one address. */
  sent(call: string): unknown[] {
    return this.asked.filter((one) => one.call === call).map(({ body }) => body);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const asked = {
      call: `${request.method} ${request.url}`,
      headers: request.headers,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
    this.asked.push(asked);
    const routes = this.#routes.get(asked.call) ?? [];
    const route = routes.length > 1 ? routes.shift() : routes[0];
    if (route !== undefined) return route(response, asked);
    response
      .writeHead(404, { 'content-type': 'application/problem+json' })
      .end(
        JSON.stringify({ title: 'Unknown', status: 404, detail: `There is no ${asked.call}.`, errors: [] }),
      );
  }
}

/** Runs one command line against `url`, and says what came of it. */
export async function run(
  url: string,
  line: readonly string[],
  terminal: Partial<Pick<Terminal, 'environment' | 'look' | 'now'>> = {},
): Promise<{ code: number; out: string; error: string }> {
  let out = '';
  let error = '';
  const code = await runCli([...line, '--url', url], {
    environment: {},
    ...terminal,
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
  });
  return { code, out, error };
}
