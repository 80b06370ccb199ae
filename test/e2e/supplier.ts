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

/** A supplier that can be away, at all or at some of its paths: then it turns away whoever comes, and counts them all the same. */
export class Supplier {
  readonly arrivals: Arrival[] = [];
  away: 'nowhere' | 'everywhere' | readonly string[] = 'nowhere';
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void json(request).then((body) => {
        const { item, key } = body as { item: string; key: string };
        const path = request.url ?? '';
        const isLost = this.#isAwayAt(path);
        this.arrivals.push({ path, item, key, at: Date.now(), isLost });
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

  /** Items for which something was done at a path, each as often as it took effect. */
  doneAt(path: string): string[] {
    const done = this.arrivals.filter((one) => !one.isLost && one.path === path);
    return [...new Map(done.map(({ key, item }) => [key, item])).values()];
  }

  #isAwayAt(path: string): boolean {
    if (typeof this.away === 'string') return this.away === 'everywhere';
    return this.away.includes(path);
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
