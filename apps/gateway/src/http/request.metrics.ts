import type { Metrics } from '@interlock/service';
import { Counter } from 'prom-client';

const labelNames = ['method', 'route', 'status'] as const;

/** Requests served, by method, route and status. */
export class RequestMetrics {
  readonly #requests: Counter<(typeof labelNames)[number]>;
  readonly #seconds: Counter<(typeof labelNames)[number]>;

  constructor(metrics: Metrics) {
    const registers = [metrics];
    this.#requests = new Counter({
      name: 'interlock_http_requests_total',
      help: 'Requests answered',
      labelNames,
      registers,
    });
    this.#seconds = new Counter({
      name: 'interlock_http_request_seconds_total',
      help: 'Time until they were answered',
      labelNames,
      registers,
    });
  }

  count(method: string, route: string, status: number, tookMs: number): void {
    const labels = { method, route, status: String(status) };
    this.#requests.inc(labels);
    this.#seconds.inc(labels, tookMs / 1_000);
  }
}
