import type { Secrets } from '@interlock/authority';
import type { Broker } from '@interlock/broker';
import { artifactEvents } from '@interlock/contracts';
import { type DynamicModule, Inject, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ArtifactsConsumer } from './artifacts.consumer.js';
import { ArtifactView } from './artifacts.js';
import type { Configuration } from './configuration.js';
import type { Log } from './logger.js';
import { type Metrics, openMetrics } from './metrics.js';
import { openBroker } from './open-broker.js';
import { noTelemetry, type OpenTelemetry } from './otel/open.telemetry.js';
import { ProjectionMetrics } from './projection.metrics.js';
import { Readiness } from './readiness.js';
import { StoppedPartitions } from './stopped.partitions.js';
import {
  ARTIFACTS,
  BROKER,
  CONFIGURATION,
  LOG,
  METRICS_REGISTRY,
  OPEN_TELEMETRY,
  PROJECTIONS,
  READINESS,
  RUNTIME,
  SECRETS,
  STOPPED,
  VALUES,
} from './tokens.js';
import { openValues } from './values.js';
import { wallClock } from './wall-clock.runtime.js';

/** Closes what the process shares, after every host has let go. */
@Injectable()
class RuntimeLifecycle implements OnApplicationShutdown {
  constructor(
    @Inject(BROKER) private readonly broker: Broker,
    @Inject(OPEN_TELEMETRY) private readonly telemetry: OpenTelemetry,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.broker.close();
    await shutdownWithin(EXPORT_MS, this.telemetry, this.log);
  }
}

/** What a stop waits for collectors. */
const EXPORT_MS = 3_000;

async function shutdownWithin(ms: number, telemetry: OpenTelemetry, log: Log): Promise<void> {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve(`no answer for ${ms} ms`), ms);
  const problem = await Promise.race([telemetry.shutdown().then(() => undefined, String), late.promise]);
  clearTimeout(timer);
  if (problem !== undefined) log.warn({ because: problem }, 'the last telemetry of this process may be lost');
}

/** What a process brings. */
export interface Process {
  readonly secrets: Secrets;
  /** An open one, whose topics are there; it stays open when the application closes. Absent: the one of the configuration. */
  readonly broker?: Broker;
  readonly telemetry?: OpenTelemetry;
}

/** What every service of a process shares: configuration, secrets, log, broker, time, published artifacts, readiness, metrics. */
@Module({})
export class RuntimeModule {
  static forRoot(
    configuration: Configuration,
    log: Log,
    { secrets, broker, telemetry = noTelemetry }: Process,
  ): DynamicModule {
    return {
      module: RuntimeModule,
      global: true,
      controllers: [ArtifactsConsumer],
      providers: [
        { provide: CONFIGURATION, useValue: configuration },
        { provide: SECRETS, useValue: secrets },
        { provide: LOG, useValue: log },
        { provide: RUNTIME, useValue: wallClock },
        { provide: READINESS, useValue: new Readiness() },
        { provide: METRICS_REGISTRY, useValue: openMetrics() },
        { provide: OPEN_TELEMETRY, useValue: telemetry },
        {
          provide: VALUES,
          inject: [METRICS_REGISTRY],
          useFactory: (metrics: Metrics) => openValues(configuration, metrics, process.env),
        },
        {
          provide: PROJECTIONS,
          inject: [BROKER, METRICS_REGISTRY],
          useFactory: (broker: Broker, metrics: Metrics) => new ProjectionMetrics(broker, metrics),
        },
        {
          provide: STOPPED,
          inject: [METRICS_REGISTRY],
          useFactory: (metrics: Metrics) => new StoppedPartitions(metrics),
        },
        { provide: BROKER, useFactory: () => broker ?? openBroker(configuration, log) },
        {
          provide: ARTIFACTS,
          inject: [BROKER, READINESS],
          useFactory: async (broker: Broker, readiness: Readiness) => {
            const { end } = await broker.bounds(artifactEvents.name, 0);
            const view = new ArtifactView(end);
            readiness.add('artifacts', () =>
              view.missing === 0 ? undefined : `${view.missing} records to read`,
            );
            return view;
          },
        },
        ...(broker === undefined ? [RuntimeLifecycle] : []),
      ],
      exports: [
        CONFIGURATION,
        SECRETS,
        LOG,
        RUNTIME,
        READINESS,
        METRICS_REGISTRY,
        OPEN_TELEMETRY,
        PROJECTIONS,
        STOPPED,
        BROKER,
        ARTIFACTS,
        VALUES,
      ],
    };
  }
}
