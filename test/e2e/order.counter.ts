import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { TargetRequest } from '@interlock/invariants';
import { eventually } from './eventually.ts';

/** One request to change something, as it arrived. */
export interface OrderRequest {
  readonly order: string;
  readonly action: string;
  readonly key: string;
  /** Key of the write that it takes back. */
  readonly undoes?: string;
  readonly at: number;
  tookEffect: boolean;
}

/**
 * What befalls a request. `cut`: the connection ends without an answer, before or after the effect. `hold`: nothing goes on until
 * it is released, before or after the effect; a caller that is gone by then has no effect any more.
 */
export type Mishap = 'cut-before' | 'cut-after' | 'hold-before' | 'hold-after' | 'refuse';

interface Held {
  readonly spot: string;
  readonly release: () => void;
}

/** It takes keys for these: the second request under a key changes nothing and is answered like the first. */
const keyed: ReadonlySet<string> = new Set(['reserve', 'release']);

/**
 * The order system: counts what reaches it, and has the mishaps that it is told to have. `find` and `confirm` are questions; no order
 * is ever confirmed.
 */
export class OrderCounter {
  readonly requests: OrderRequest[] = [];
  readonly #mishaps = new Map<string, Mishap[]>();
  readonly #held = new Set<Held>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<OrderCounter> {
    const counter = new OrderCounter();
    await new Promise<void>((resolve) => counter.#server.listen(0, '127.0.0.1', resolve));
    return counter;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The next requests for this action on this order meet these mishaps, one each. */
  befalls(order: string, action: string, ...mishaps: readonly Mishap[]): void {
    this.#mishaps.set(`${order} ${action}`, [...mishaps]);
  }

  /** Resolves when such a request is held. */
  async holds(order: string, action: string): Promise<void> {
    const spot = `${order} ${action}`;
    await eventually(`${spot} to be held`, () => [...this.#held].some((one) => one.spot === spot));
  }

  release(order: string, action: string): void {
    for (const held of this.#held) if (held.spot === `${order} ${action}`) held.release();
  }

  /** What was changed of an order, in its order. */
  effects(order: string): string[] {
    return this.requests.filter((one) => one.order === order && one.tookEffect).map(({ action }) => action);
  }

  requestsFor(order: string, action: string): OrderRequest[] {
    return this.requests.filter((one) => one.order === order && one.action === action);
  }

  /** As the invariants look at them. */
  asTargetRequests(): TargetRequest[] {
    return this.requests.map(({ action, key, undoes, at, tookEffect }) => ({
      key,
      tool: `orders.${action}`,
      kind: 'write',
      at,
      tookEffect,
      undoes: undoes ?? null,
    }));
  }

  stop(): Promise<void> {
    for (const { release } of this.#held) release();
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    if (request.method === 'POST') {
      const { action, order, key, undoes } = (await json(request)) as OrderRequest;
      const arrived = { action, order, key, undoes, at: Date.now(), tookEffect: false };
      this.requests.push(arrived);
      return this.#meet(response, order, action, () => this.#change(arrived));
    }
    const order = searchParams.get('order') ?? '';
    if (pathname === '/confirmations') return this.#meet(response, order, 'confirm', () => undefined);
    return this.#meet(response, order, 'find', () => this.#found(searchParams.get('key')));
  }

  async #meet(
    response: ServerResponse,
    order: string,
    action: string,
    take: () => unknown,
  ): Promise<undefined> {
    const spot = `${order} ${action}`;
    const mishap = this.#mishaps.get(spot)?.shift();
    if (mishap === 'cut-before') return void response.destroy();
    if (mishap === 'hold-before') await this.#hold(spot, response);
    if (response.destroyed) return;
    const body = mishap === 'refuse' ? undefined : take();
    if (body === undefined) return said(response, 409, { code: 'refused' });
    if (mishap === 'cut-after') return void response.destroy();
    if (mishap === 'hold-after') await this.#hold(spot, response);
    said(response, 200, body);
  }

  #hold(spot: string, response: ServerResponse): Promise<void> {
    return new Promise((resolve) => {
      const held = {
        spot,
        release: () => {
          this.#held.delete(held);
          resolve();
        },
      };
      this.#held.add(held);
      response.once('close', held.release);
    });
  }

  #change(request: OrderRequest): unknown {
    const { action, order, key } = request;
    const isKnown = this.requests.some((one) => one.key === key && one.tookEffect);
    request.tookEffect = !(isKnown && keyed.has(action));
    return { action, order, key };
  }

  #found(key: string | null): unknown {
    const one = this.requests.find((request) => request.key === key && request.tookEffect);
    if (one === undefined) return { found: false };
    return { found: true, output: { action: one.action, order: one.order, key: one.key } };
  }
}

function said(response: ServerResponse, status: number, body: unknown): undefined {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
