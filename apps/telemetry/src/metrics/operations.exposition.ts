import type { RuleReader } from '@interlock/projection';
import type { Metrics } from '@interlock/service';
import { Gauge } from 'prom-client';
import type { MetricDefinition } from './definition.js';
import { readerStopped } from './log.metrics.js';
import { brokerUp, consumerLag, quarantineRecords } from './operations.metrics.js';
import type { OperationsSampler } from './operations.sampler.js';

/** Shows what is asked at a scrape. */
export function showOperations(
  sampler: OperationsSampler,
  readers: readonly Pick<RuleReader, 'spec' | 'partition' | 'trouble'>[],
  metrics: Metrics,
): void {
  show(metrics, quarantineRecords, async (gauge) => {
    const sample = await sampler.sample();
    for (const [service, records] of sample?.quarantined ?? []) gauge.set({ service }, records);
  });
  show(metrics, consumerLag, async (gauge) => {
    const sample = await sampler.sample();
    for (const { service, topic, partition, records } of sample?.lags ?? [])
      gauge.set({ service, topic, partition: String(partition) }, records);
  });
  show(metrics, brokerUp, async (gauge) => gauge.set((await sampler.sample()) === undefined ? 0 : 1));
  show(metrics, readerStopped, async (gauge) => {
    for (const { spec, partition, trouble } of readers)
      gauge.set({ topic: spec.name, partition: String(partition) }, trouble === undefined ? 0 : 1);
  });
}

function show(
  metrics: Metrics,
  { name, help, labels }: MetricDefinition,
  fill: (gauge: Gauge<string>) => Promise<void>,
): void {
  new Gauge({
    name,
    help,
    labelNames: labels,
    registers: [metrics],
    async collect() {
      this.reset();
      await fill(this);
    },
  });
}
