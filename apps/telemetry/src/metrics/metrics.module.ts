import type { Broker } from '@interlock/broker';
import {
  BROKER,
  LOG,
  type Log,
  METRICS_REGISTRY,
  type Metrics,
  PROJECTIONS,
  type ProjectionMetrics,
  READINESS,
  type Readiness,
  STOPPED,
  type StoppedPartitions,
} from '@interlock/service';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { MetricDefinition } from './definition.js';
import { LogMetricValues } from './log.metric.values.js';
import { logMetrics } from './log.metrics.js';
import { exposeMetrics } from './metrics.exposition.js';
import { showOperations } from './operations.exposition.js';
import { OperationsSampler } from './operations.sampler.js';
import { runMetrics } from './run.metrics.js';

/** Counts over the log for as long as the application runs. A log it cannot read stops its metrics, and nothing else. */
@Injectable()
export class MetricsLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly log: LogMetricValues;

  constructor(
    @Inject(BROKER) broker: Broker,
    @Inject(METRICS_REGISTRY) metrics: Metrics,
    @Inject(PROJECTIONS) projections: ProjectionMetrics,
    @Inject(LOG) log: Log,
    @Inject(READINESS) readiness: Readiness,
    @Inject(STOPPED) stopped: StoppedPartitions,
  ) {
    const own = log.child({ host: 'telemetry' });
    this.log = new LogMetricValues(broker, ({ spec, partition }, error) =>
      own.error({ topic: spec.name, partition, err: error }, 'metrics cannot read on in this partition'),
    );
    const linesOf = (metric: MetricDefinition) => (this.log.isRead ? this.log.values.lines(metric) : []);
    exposeMetrics([...runMetrics, ...logMetrics], linesOf, metrics);
    showOperations(new OperationsSampler(broker, () => performance.now()), this.log.readers, metrics);
    readiness.add('metrics', () => this.#waitingFor());
    stopped.add('metrics', () =>
      this.log.stopped.map(({ spec, partition }) => ({ topic: spec.name, partition, needs: 'people' })),
    );
    projections.add('metrics', () =>
      this.log.readers.map(({ spec, partition, offset }) => ({ topic: spec.name, partition, offset })),
    );
  }

  #waitingFor(): string | undefined {
    const named = this.log.stopped.map(
      ({ spec, partition, trouble }) => `${spec.name}/${partition}: ${trouble}`,
    );
    return named.length === 0 ? undefined : `people, ${named.join('; ')}`;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.log.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.log.stop();
  }
}

/** Metrics over the log at the `/metrics` of the process. */
@Module({ providers: [MetricsLifecycle] })
export class MetricsModule {}
