import type { Metrics } from '@interlock/service';
import type { Metric } from 'prom-client';
import type { MetricDefinition } from './definition.js';
import type { MetricLine } from './metric.values.js';

/**
 * Shows metrics at `/metrics`. Prom-client renders a metric from what its `get` answers with; its own counters and histograms keep
 * numbers of their own, which nobody could fold again from the log.
 */
export function exposeMetrics(
  definitions: readonly MetricDefinition[],
  linesOf: (definition: MetricDefinition) => MetricLine[],
  metrics: Metrics,
): void {
  for (const definition of definitions) {
    const { name, help, type, labels: labelNames } = definition;
    const shown = {
      name,
      help,
      type,
      labelNames,
      aggregator: 'sum',
      get: async () => ({ name, help, type, aggregator: 'sum', values: linesOf(definition) }),
    };
    metrics.registerMetric(shown as unknown as Metric);
  }
}
