import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';

/** A request as it came in, before anything was done about it. */
export interface LoggedRequest {
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly idempotencyKey: string | null;
  readonly body: unknown;
}

/** One line a request, written before the request is looked at: repeats are in it too. */
export class RequestLog {
  readonly #file: number;
  #total = 0;
  readonly #routes = new Map<string, number>();
  readonly #keysByOrder = new Map<string, Set<string>>();
  readonly #mailsByReference = new Map<string, number>();

  constructor(path: string) {
    const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
    this.#file = openSync(path, 'a');
    // A process that was killed may have left half a line.
    if (before !== '' && !before.endsWith('\n')) writeSync(this.#file, '\n');
    for (const line of before.split('\n')) {
      const request = parse(line);
      if (request !== undefined) this.#count(request);
    }
  }

  add(request: LoggedRequest): void {
    writeSync(this.#file, `${JSON.stringify(request)}\n`);
    this.#count(request);
  }

  /** Counts over everything ever received, and the writes that no deduplication could have hidden. */
  get counts() {
    const several = [...this.#keysByOrder].filter(([, keys]) => keys.size > 1).map(([orderId]) => orderId);
    const twice = [...this.#mailsByReference]
      .filter(([, times]) => times > 1)
      .map(([reference]) => reference);
    return {
      total: this.#total,
      routes: Object.fromEntries([...this.#routes].sort(([a], [b]) => a.localeCompare(b))),
      ordersRefundedUnderSeveralKeys: several,
      mailsRequestedTwice: twice,
    };
  }

  #count({ method, path, idempotencyKey, body }: LoggedRequest): void {
    const route = `${method} ${path.replace(/\?.*/, '').replace(/^\/orders\/.*/, '/orders/:id')}`;
    this.#total += 1;
    this.#routes.set(route, (this.#routes.get(route) ?? 0) + 1);
    const { orderId, reference } = (body ?? {}) as { orderId?: unknown; reference?: unknown };
    if (route === 'POST /refunds' && typeof orderId === 'string' && idempotencyKey !== null) {
      const keys = this.#keysByOrder.get(orderId) ?? new Set();
      this.#keysByOrder.set(orderId, keys.add(idempotencyKey));
    }
    if (route === 'POST /mails' && typeof reference === 'string') {
      this.#mailsByReference.set(reference, (this.#mailsByReference.get(reference) ?? 0) + 1);
    }
  }
}

function parse(line: string): LoggedRequest | undefined {
  try {
    return line === '' ? undefined : JSON.parse(line);
  } catch {
    return undefined;
  }
}
