import type { Broker } from '@interlock/broker';
import { type DynamicModule, Inject, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ArtifactView } from './artifacts.js';
import type { Configuration } from './configuration.js';
import { dieOf } from './fatal.js';
import type { Log } from './logger.js';
import { openBroker } from './open-broker.js';
import { Readiness } from './readiness.js';
import { ARTIFACTS, BROKER, CONFIGURATION, LOG, READINESS, RUNTIME } from './tokens.js';
import { wallClock } from './wall-clock.runtime.js';

/** Closes what the process shares, after every host has let go. */
@Injectable()
class RuntimeLifecycle implements OnApplicationShutdown {
  constructor(
    @Inject(BROKER) private readonly broker: Broker,
    @Inject(ARTIFACTS) private readonly artifacts: ArtifactView,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.artifacts.stop();
    await this.broker.close();
  }
}

/** What every service of a process shares: configuration, log, broker, time, published artifacts, readiness. */
@Module({})
export class RuntimeModule {
  static forRoot(configuration: Configuration, log: Log): DynamicModule {
    return {
      module: RuntimeModule,
      global: true,
      providers: [
        { provide: CONFIGURATION, useValue: configuration },
        { provide: LOG, useValue: log },
        { provide: RUNTIME, useValue: wallClock },
        { provide: READINESS, useValue: new Readiness() },
        { provide: BROKER, useFactory: () => openBroker(configuration, log) },
        {
          provide: ARTIFACTS,
          inject: [BROKER, READINESS],
          useFactory: async (broker: Broker, readiness: Readiness) => {
            const view = new ArtifactView();
            await view.follow(broker, readiness, dieOf(log, 'artifact.events'));
            return view;
          },
        },
        RuntimeLifecycle,
      ],
      exports: [CONFIGURATION, LOG, RUNTIME, READINESS, BROKER, ARTIFACTS],
    };
  }
}
