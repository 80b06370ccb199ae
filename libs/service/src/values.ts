import { openStore, Values, type ValuesObserver } from '@interlock/values';
import { Counter, Histogram } from 'prom-client';
import type { Configuration } from './configuration.js';
import type { Metrics } from './metrics.js';

const MIB = 1024 * 1024;
/** A process holds a few of the largest. */
const SHELF_VALUES = 8;
/** What a process has not used for so long leaves its memory. */
const UNUSED_MS = 600_000;

/** The values that are kept outside of the log; undefined: no store is set, and an output that does not fit into the log is refused. */
export function openValues(
  configuration: Configuration,
  metrics: Metrics,
  environment: Readonly<Record<string, string | undefined>>,
): Values | undefined {
  const { INTERLOCK_STORE_URL: url, INTERLOCK_VALUE_MB, INTERLOCK_RUN_VALUES_MB } = configuration;
  if (url === undefined) return undefined;
  const limits = {
    valueBytesMax: INTERLOCK_VALUE_MB * MIB,
    familyBytesMax: INTERLOCK_RUN_VALUES_MB * MIB,
    shelfBytesMax: SHELF_VALUES * INTERLOCK_VALUE_MB * MIB,
  };
  const values = new Values(openStore(url, environment), limits, counting(metrics));
  setInterval(() => values.shelf.forgetUnused(UNUSED_MS), UNUSED_MS / 10).unref();
  return values;
}

function counting(metrics: Metrics): ValuesObserver {
  const operations = new Counter({
    name: 'interlock_value_operations_total',
    help: 'Requests to the store of large values, by what was asked (put, get, list, remove) and how it ended (ok, or the code of the failure)',
    labelNames: ['operation', 'outcome'],
    registers: [metrics],
  });
  const bytes = new Counter({
    name: 'interlock_value_bytes_total',
    help: 'Bytes of large values that were put and got',
    labelNames: ['operation'],
    registers: [metrics],
  });
  const seconds = new Histogram({
    name: 'interlock_value_operation_seconds',
    help: 'How long the store of large values took for a request',
    labelNames: ['operation'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [metrics],
  });
  return {
    done(operation, outcome, size, tookMs) {
      operations.inc({ operation, outcome });
      if (outcome === 'ok' && size > 0) bytes.inc({ operation }, size);
      seconds.observe({ operation }, tookMs / 1_000);
    },
  };
}

/** What a sweep of the store has removed, and how its passes ended. */
export function sweepMetrics(metrics: Metrics) {
  const swept = new Counter({
    name: 'interlock_values_swept_total',
    help: 'Large values that a sweep has removed: no event named them, or they came late into a family that is erased',
    labelNames: ['why'],
    registers: [metrics],
  });
  const bytes = new Counter({
    name: 'interlock_values_swept_bytes_total',
    help: 'Bytes of the large values that a sweep has removed',
    labelNames: ['why'],
    registers: [metrics],
  });
  const passes = new Counter({
    name: 'interlock_value_sweeps_total',
    help: 'Passes over the store of large values, by how they ended (ok, failed)',
    labelNames: ['outcome'],
    registers: [metrics],
  });
  return {
    removed(why: 'unnamed' | 'erased', held: { readonly values: number; readonly bytes: number }): void {
      swept.inc({ why }, held.values);
      bytes.inc({ why }, held.bytes);
    },
    passed: (outcome: 'ok' | 'failed'): void => passes.inc({ outcome }),
  };
}
