import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '../e2e/eventually.ts';

interface Answered {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * The line between people and a gateway. Between an answer that a gateway has given and a person who has read it lies a moment that nobody
 * can aim at with a kill; here it lasts as long as it has to: answers to votes that are made are held back, and lost when the gateway dies.
 */
export class AnswerLine {
  /** Answers that said a vote is made, and reached nobody. */
  lost = 0;
  /** So many more pass; absent: all. */
  #passing: number | undefined;
  readonly #held: ServerResponse[] = [];
  readonly #server: Server;

  private constructor(readonly gatewayUrl: () => string) {
    this.#server = createServer((incoming, outgoing) => void this.#relay(incoming, outgoing));
  }

  static async open(gatewayUrl: () => string): Promise<AnswerLine> {
    const line = new AnswerLine(gatewayUrl);
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on `passing` answers to votes pass, and those after them are held. */
  holdAfter(passing: number): void {
    this.#passing = passing;
  }

  /** Resolves when an answer is held. */
  async holds(): Promise<void> {
    await eventually('an answer to a vote to be held back', () => this.#held.length > 0);
  }

  /** What is held reaches nobody, as when whoever sent it dies; what comes passes again. */
  lose(): void {
    this.#passing = undefined;
    const held = this.#held.splice(0);
    this.lost += held.length;
    for (const outgoing of held) outgoing.destroy();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #relay(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const answered = await this.#answerTo(incoming).catch((error: NodeJS.ErrnoException) => error);
    if (!(answered instanceof Error)) {
      const isVoteMade = incoming.url?.endsWith('/votes') === true && answered.status === 202;
      if (isVoteMade && this.#isDeferred()) this.#held.push(outgoing);
      else outgoing.writeHead(answered.status, { 'content-type': 'application/json' }).end(answered.body);
    } else if (answered.code === 'ECONNREFUSED') outgoing.writeHead(502).end('{}');
    else outgoing.destroy();
  }

  #isDeferred(): boolean {
    if (this.#passing === undefined) return false;
    return this.#passing-- <= 0;
  }

  async #answerTo(incoming: IncomingMessage): Promise<Answered> {
    const { method, url = '/', headers } = incoming;
    const onward = request(this.gatewayUrl() + url, {
      method,
      headers: { ...headers, connection: 'close' },
      agent: false,
    });
    incoming.pipe(onward);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    const body = Buffer.concat(await answer.toArray());
    return { status: answer.statusCode ?? 502, body };
  }
}
