import type { Runtime } from '@interlock/actors';
import type { KeyFile } from '@interlock/authority';
import { type Broker, RenewingProducer } from '@interlock/broker';
import { runEvents } from '@interlock/contracts';
import { ToolManifests } from '@interlock/projection';
import {
  ARTIFACTS,
  type ArtifactView,
  type AsOf,
  BROKER,
  dieOf,
  LOG,
  type Log,
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
import { AuditPublisher } from './audit.publisher.js';
import { ANCHOR_KEYS, anchorKeys } from './keys.module.js';
import { anchorsOf } from './run.anchor.js';

/** Publishes with the application: begins when everything is wired, lets go before the broker closes. */
@Injectable()
export class AuditLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly publisher: AuditPublisher;

  constructor(
    @Inject(BROKER) broker: Broker,
    @Inject(RUNTIME) runtime: Runtime,
    @Inject(LOG) log: Log,
    @Inject(READINESS) readiness: Readiness,
    @Inject(ARTIFACTS) artifacts: ArtifactView,
    @Inject(ANCHOR_KEYS) keys: KeyFile,
    @Inject(PROJECTIONS) projections: ProjectionMetrics,
    @Inject(STOPPED) stopped: StoppedPartitions,
  ) {
    const own = log.child({ host: 'audit' });
    this.publisher = new AuditPublisher(
      {
        broker,
        stores: broker.isOpenToOthers ? 'events' : 'heads',
        runtime,
        producer: new RenewingProducer(broker),
        manifests: new ToolManifests(artifacts, broker),
        anchor: anchorsOf(keys),
        note: (level, what, facts) => own[level](facts, what),
      },
      dieOf(own, 'audit'),
    );
    readiness.add('audit', () => this.publisher.waitingFor);
    projections.add('audit', () => this.#asOf());
    stopped.add('audit', () =>
      this.publisher.partitions.flatMap(({ partition, stoppedBy }) =>
        stoppedBy === undefined ? [] : [{ topic: runEvents.name, partition, needs: stoppedBy.needs }],
      ),
    );
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.publisher.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.publisher.stop();
  }

  #asOf(): AsOf[] {
    return this.publisher.partitions.flatMap(({ partition, position }) =>
      position === undefined ? [] : [{ topic: runEvents.name, partition, offset: position.offset }],
    );
  }
}

/** Writes the audit stream for other systems, and signs what each run has come to. It alone does either. */
@Module({ providers: [anchorKeys, AuditLifecycle] })
export class AuditModule {}
