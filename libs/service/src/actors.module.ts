import {
  defaultLimits,
  type HostObserver,
  type HostSpec,
  type OwnLog,
  Quarantine,
  type Runtime,
  ServiceHost,
  StateCache,
  type StateCodec,
} from '@interlock/actors';
import { type Broker, RenewingProducer } from '@interlock/broker';
import type { TopicSpec } from '@interlock/contracts';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  type InjectionToken,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { ArtifactView } from './artifacts.js';
import { type AdmissionOptions, type AdmissionPorts, commandAdmission } from './command.admission.js';
import type { Configuration } from './configuration.js';
import { dieOf } from './fatal.js';
import { hostFacts } from './log.facts.js';
import type { Log } from './logger.js';
import type { Readiness } from './readiness.js';
import type { StoppedPartition, StoppedPartitions } from './stopped.partitions.js';
import { ARTIFACTS, BROKER, CONFIGURATION, LOG, READINESS, RUNTIME, STOPPED } from './tokens.js';

/** A minute of a Kafka that does not answer. */
const QUARANTINE_TRIES = 12;

/** A host spec without what every service takes from the process. */
export type ServiceSpec<State> = Omit<HostSpec<State>, 'host' | 'limits'> & {
  /** Where states are kept to start from faster; without it the log is folded from its start. */
  readonly cache?: { readonly topic: string; readonly codec: StateCodec<State> };
  /** What is done beside the actors, from the start of the host on; returns what ends it. */
  readonly beside?: (host: ServiceHost<State>) => () => void;
  /** Which of the inputs people speak on, through the gateway: who it was is verified before the actor decides. */
  readonly commands?: { readonly topic: TopicSpec } & Omit<AdmissionOptions, 'service'>;
};

export interface HostOptions<State> {
  /** Tokens whose values `spec` gets, in order. */
  readonly inject?: readonly InjectionToken[];
  readonly spec: (...injected: never[]) => ServiceSpec<State>;
}

/** Runs the hosts of one service with the application: started when everything is wired, drained before it shuts down. */
export class HostLifecycle<State> implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly host: ServiceHost<State>;
  readonly #cache: StateCache<State> | undefined;
  #beside: (() => void) | undefined;

  constructor(
    private readonly spec: ServiceSpec<State>,
    private readonly broker: Broker,
    runtime: Runtime,
    log: Log,
    configuration: Configuration,
    readiness: Readiness,
    private readonly artifacts: Pick<ArtifactView, 'whenRead'>,
    stopped: StoppedPartitions,
  ) {
    const producer = new RenewingProducer(broker, QUARANTINE_TRIES);
    const quarantine = new Quarantine(spec.service, producer, runtime.clock);
    const limits = { ...defaultLimits, drainMs: configuration.INTERLOCK_DRAIN_MS };
    const host = `${spec.service}-${process.pid}`;
    const observer = observerOf(log.child({ host: spec.service }));
    const inputs = admittedInputs(spec, { configuration, runtime, log, readiness });
    const cache =
      spec.cache &&
      new StateCache(broker, spec.cache.topic, spec.cache.codec, runtime, (error) =>
        observer.note('warn', 'states not cached', { error: String(error) }),
      );
    this.#cache = cache;
    this.host = new ServiceHost<State>(
      { ...spec, inputs, host, limits },
      {
        broker,
        runtime,
        observer,
        ...(cache && { warm: (own: OwnLog<State>) => cache.warm(own) }),
        consequences: {
          accepted: (partition, own, batch) => cache?.changed(partition, own, batch),
          quarantine(partition, { quarantined }) {
            quarantine.send(partition, quarantined).catch((error: unknown) => {
              observer.note('error', 'not quarantined', {
                error: String(error),
                messages: quarantined.length,
              });
            });
          },
        },
      },
    );
    const name = spec.group ?? spec.service;
    readiness.add(name, () => this.waitingFor());
    stopped.add(name, () => this.#stopped());
  }

  async onApplicationBootstrap(): Promise<void> {
    // A decision taken before the published artifacts were read would deny what is allowed.
    await this.artifacts.whenRead();
    await this.host.start(this.broker);
    this.#beside = this.spec.beside?.(this.host);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#beside?.();
    await this.host.stop();
    await this.#cache?.stop();
  }

  private waitingFor(): string | undefined {
    if (!this.host.isAssigned) return 'its share of the partitions';
    const hosts = [...this.host.hosts.values()];
    const behind = hosts.flatMap(({ partition, stoppedInputs }) =>
      stoppedInputs.map((input) => `partition ${partition}, ${input}`),
    );
    const halted = hosts.flatMap(({ partition, haltedBy }) =>
      haltedBy === undefined ? [] : [`partition ${partition}: ${haltedBy}`],
    );
    const stopped = [
      ...(halted.length > 0 ? [`people, ${halted.join('; ')}`] : []),
      ...(behind.length > 0 ? [`an upgrade: ${behind.join(', ')}`] : []),
    ];
    if (stopped.length > 0) return stopped.join('; ');
    const waiting = hosts
      .filter(({ isReady }) => !isReady)
      .map(({ partition, mode }) => `${partition} (${mode})`);
    return waiting.length === 0 ? undefined : `partitions ${waiting.join(', ')}`;
  }

  #stopped(): StoppedPartition[] {
    const { topic } = this.host.spec;
    return [...this.host.hosts.values()].flatMap(({ partition, haltedBy, stoppedInputs }) => [
      ...(haltedBy === undefined ? [] : [{ topic, partition, needs: 'people' as const }]),
      ...(stoppedInputs.length === 0 ? [] : [{ topic, partition, needs: 'upgrade' as const }]),
    ]);
  }
}

function admittedInputs<State>(
  { service, commands, inputs }: ServiceSpec<State>,
  ports: AdmissionPorts,
): HostSpec<State>['inputs'] {
  if (commands === undefined) return inputs;
  const { topic, ...options } = commands;
  const admit = commandAdmission({ service, ...options }, ports);
  if (admit === undefined) return inputs;
  return inputs.map((input) => (input.topic === topic.name ? { ...input, admit } : input));
}

/** Registers a service's actors with the runtime. */
@Module({})
export class ActorsModule {
  static host<State>({ inject = [], spec }: HostOptions<State>): DynamicModule {
    const token = Symbol('HostLifecycle');
    return {
      module: ActorsModule,
      providers: [
        {
          provide: token,
          inject: [BROKER, RUNTIME, LOG, CONFIGURATION, READINESS, ARTIFACTS, STOPPED, ...inject],
          useFactory: (
            broker: Broker,
            runtime: Runtime,
            log: Log,
            configuration: Configuration,
            readiness: Readiness,
            artifacts: ArtifactView,
            stopped: StoppedPartitions,
            ...injected: never[]
          ) =>
            new HostLifecycle(
              spec(...injected),
              broker,
              runtime,
              log,
              configuration,
              readiness,
              artifacts,
              stopped,
            ),
        },
      ],
    };
  }
}

function observerOf(log: Log): HostObserver {
  return {
    note: (level, what, facts) => log[level](hostFacts(facts), what),
    stopped(partition, error, fatal) {
      if (fatal) dieOf(log, `partition ${partition}`)(error);
      log.error({ partition, err: error }, 'partition stopped: people must look; the others go on');
    },
  };
}
