import type { ReadModel, ReadModelInputs } from '@interlock/read-model';
import type { Metrics, ProjectionMetrics, StoppedPartition, StoppedPartitions } from '@interlock/service';
import { Counter, Gauge } from 'prom-client';

/** Shows how the read model is doing, and as of which offsets it is. */
export function showReadModel(
  readModel: ReadModel,
  inputs: ReadModelInputs,
  metrics: Metrics,
  projections: ProjectionMetrics,
  stopped: StoppedPartitions,
): void {
  const registers = [metrics];
  projections.add('runs', () => inputs.asOf());
  stopped.add('runs', async () => (await readModel.status()).blocked.map(([input]) => placeOf(input)));
  new Counter({
    name: 'interlock_projection_records_total',
    help: 'Records applied to the read model since the start',
    registers,
    async collect() {
      const { applied } = await readModel.status();
      this.reset();
      this.inc(applied);
    },
  });
  new Gauge({
    name: 'interlock_projection_resident_runs',
    help: 'Runs whose state is in memory',
    registers,
    async collect() {
      this.set((await readModel.status()).resident);
    },
  });
  new Gauge({
    name: 'interlock_projection_blocked_partitions',
    help: 'Partitions that cannot be read',
    registers,
    async collect() {
      this.set((await readModel.status()).blocked.length);
    },
  });
}

/** @param input `topic/partition` */
function placeOf(input: string): StoppedPartition {
  const at = input.lastIndexOf('/');
  return { topic: input.slice(0, at), partition: Number(input.slice(at + 1)), needs: 'people' };
}
