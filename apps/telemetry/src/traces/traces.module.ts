import type { Runtime } from '@interlock/actors';
import type { Broker } from '@interlock/broker';
import {
  BROKER,
  CONFIGURATION,
  type Configuration,
  dieOf,
  LOG,
  type Log,
  METRICS_REGISTRY,
  type Metrics,
  OPEN_TELEMETRY,
  type OpenTelemetry,
  PROJECTIONS,
  type ProjectionMetrics,
  READINESS,
  type Readiness,
  RUNTIME,
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
import { Counter } from 'prom-client';
import { SdkSender } from './sdk.sender.js';
import { TraceExporter } from './trace.exporter.js';
import type { TracesStopped } from './trace.share.js';

/** Exports traces for as long as the application runs, when the OpenTelemetry variables say where to. */
@Injectable()
export class TracesLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #exporter: TraceExporter | undefined;

  constructor(
    @Inject(BROKER) broker: Broker,
    @Inject(RUNTIME) runtime: Runtime,
    @Inject(CONFIGURATION) configuration: Configuration,
    @Inject(METRICS_REGISTRY) metrics: Metrics,
    @Inject(PROJECTIONS) projections: ProjectionMetrics,
    @Inject(LOG) log: Log,
    @Inject(READINESS) readiness: Readiness,
    @Inject(STOPPED) stopped: StoppedPartitions,
    @Inject(OPEN_TELEMETRY) { spans }: OpenTelemetry,
  ) {
    const own = log.child({ host: 'telemetry' });
    const observer = observerOf(metrics, own);
    if (spans === undefined) return;
    const system = configuration.KAFKA_BROKERS === undefined ? 'interlock_embedded' : 'kafka';
    const sender = new SdkSender(spans);
    const note = (level: 'warn' | 'error', what: string, facts: Record<string, unknown>) =>
      own[level](facts, what);
    const exporter = new TraceExporter(
      { broker, runtime, sender, system, note, observer },
      dieOf(own, 'traces'),
    );
    projections.add('traces', () => exporter.asOf());
    readiness.add('traces', () => waitingFor(exporter.stopped));
    stopped.add('traces', () => exporter.stopped.map((one) => ({ ...one, needs: 'people' })));
    this.#exporter = exporter;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.#exporter?.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#exporter?.stop();
  }
}

function waitingFor(stopped: readonly TracesStopped[]): string | undefined {
  const named = stopped.map(({ topic, partition, because }) => `${topic}/${partition}: ${because}`);
  return named.length === 0 ? undefined : `people, ${named.join('; ')}`;
}

function observerOf(metrics: Metrics, log: Log) {
  const registers = [metrics];
  const spans = new Counter({
    name: 'interlock_trace_spans_total',
    help: 'Spans of this process that the collector has taken, or has refused for good',
    labelNames: ['outcome'],
    registers,
  });
  const failures = new Counter({
    name: 'interlock_trace_export_failures_total',
    help: 'Batches of spans that the collector did not take this time; they are sent again',
    registers,
  });
  return {
    exported: (count: number) => spans.inc({ outcome: 'exported' }, count),
    dropped(count: number, because: string) {
      spans.inc({ outcome: 'dropped' }, count);
      log.warn({ spans: count, because }, 'the collector refuses spans: they are dropped');
    },
    failed(because: string) {
      failures.inc();
      log.warn({ because }, 'the collector is not accepting spans; they stay in the log and are sent again');
    },
  };
}

/** Traces of runs, over OTLP. */
@Module({ providers: [TracesLifecycle] })
export class TracesModule {}
