import { Counter } from 'prom-client';
import type { Metrics } from './metrics.js';

const NAME = 'interlock_egress_refused_total';

/** Counts what a guard of outgoing requests refuses, or does not follow, by the reason; the place is in the log, since a stranger may choose it. */
export function countRefusedEgress(metrics: Metrics): (what: string) => void {
  const found = metrics.getSingleMetric(NAME);
  const counter =
    found instanceof Counter
      ? found
      : new Counter({
          name: NAME,
          help: 'Outgoing requests that were refused (not_allowed, bad_url, address, too_large, timeout) or led elsewhere (redirect)',
          labelNames: ['reason'],
          registers: [metrics],
        });
  return (what) => counter.inc({ reason: what });
}
