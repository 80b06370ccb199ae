import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

interface Arrival {
  readonly path: string;
  readonly item: string;
  readonly key: string;
  readonly at: number;
  /** It was turned away. */
  readonly isLost: boolean;
}

/** A supplier that can be away: then it turns away whoever comes, and counts them all the same. */
export class Supplier {
  readonly arrivals: Arrival[] = [];
  isAway = false;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void json(request).then((body) => {
        const { item, key } = body as { item: string; key: string };
        const isLost = this.isAway;
        this.arrivals.push({ path: request.url ?? '', item, key, at: Date.now(), isLost });
        response.writeHead(isLost ? 503 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(isLost ? { gone: true } : { item }));
      });
    });
  }

  static async open(): Promise<Supplier> {
    const supplier = new Supplier();
    await new Promise<void>((resolve) => supplier.#server.listen(0, '127.0.0.1', resolve));
    return supplier;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** When each of those came who were turned away, oldest first. */
  lostAt(path: string): number[] {
    return this.arrivals.filter((one) => one.isLost && one.path === path).map(({ at }) => at);
  }

  /** Items that were ordered, each as often as its order took effect. */
  get ordered(): string[] {
    const orders = this.arrivals.filter(({ isLost, path }) => !isLost && path === '/order');
    return [...new Map(orders.map(({ key, item }) => [key, item])).values()];
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
