import { join } from 'node:path';
import { SealingTargets } from '@interlock/authority';
import type { Broker } from '@interlock/broker';
import {
  approvalCommands,
  artifactCommands,
  controlCommands,
  runCommands,
  runEvents,
} from '@interlock/contracts';
import { openReadModel, type ReadModel, ReadModelInputs, type ReadModelPlace } from '@interlock/read-model';
import {
  ARTIFACTS,
  type ArtifactView,
  BROKER,
  CONFIGURATION,
  CONTROL,
  CONTROL_FRESH_MS,
  type Configuration,
  ControlModule,
  type ControlView,
  dieOf,
  LOG,
  type Log,
  METRICS_REGISTRY,
  type Metrics,
  PROJECTIONS,
  READINESS,
  type Readiness,
  STOPPED,
} from '@interlock/service';
import { Module } from '@nestjs/common';
import { ApprovalFinder } from './approvals/approval.finder.js';
import { ApprovalsController } from './approvals/approvals.controller.js';
import { VoteCaster } from './approvals/vote.caster.js';
import { ArtifactPublisher } from './artifacts/artifact.publisher.js';
import { ArtifactsController } from './artifacts/artifacts.controller.js';
import { ModulePublication } from './artifacts/module.publication.js';
import { moduleSignature } from './artifacts/module.signature.js';
import { ControlController } from './control/control.controller.js';
import { KillSwitch } from './control/kill.switch.js';
import { Heads } from './evidence/heads.js';
import { KeysController } from './evidence/keys.controller.js';
import { GatewayLifecycle } from './gateway.lifecycle.js';
import {
  ACCESS,
  ACTIVATOR,
  ANSWERS,
  APPENDER,
  APPROVAL_FINDER,
  AUTHORITY,
  COMMANDER,
  FINDER,
  HEADS,
  INPUTS,
  KILL_SWITCH,
  LIFECYCLE,
  METRICS,
  MODULE_PUBLICATION,
  PARTITIONS,
  PUBLISHER,
  READ_MODEL,
  READ_MODEL_METRICS,
  REFUSED,
  REGISTRY,
  STARTER,
  VOTE_CASTER,
} from './gateway.tokens.js';
import { AccessLog } from './http/access.log.js';
import { AnswerSlots } from './http/answer.slots.js';
import { RequestMetrics } from './http/request.metrics.js';
import { StatusController } from './http/status.controller.js';
import { CommandAppender } from './log/command.appender.js';
import { CommandAuthority } from './log/command.authority.js';
import { DiskReserve } from './log/disk.reserve.js';
import { LogWatch } from './log/log.watch.js';
import { showReadModel } from './log/read-model.metrics.js';
import { RegistryCaller } from './log/registry.caller.js';
import { PolicyActivator } from './policy/policy.activator.js';
import { PolicyController } from './policy/policy.controller.js';
import { EventsController } from './runs/events.controller.js';
import { RefusedStarts } from './runs/refused.starts.js';
import { RunCommander } from './runs/run.commander.js';
import { type CaughtUp, RunFinder } from './runs/run.finder.js';
import { RunStarter } from './runs/run.starter.js';
import { RunsController } from './runs/runs.controller.js';

const now = () => Date.now();

/** On Kafka only what the gateway itself writes counts: its read model and its logs. */
const reserveIn = ({
  INTERLOCK_DATA_DIR,
  INTERLOCK_DISK_RESERVE_MB: megabytes,
}: Configuration): DiskReserve =>
  new DiskReserve(INTERLOCK_DATA_DIR, megabytes === undefined ? undefined : megabytes * 1024 * 1024);

const tell = (log: Log, away: string | undefined): void =>
  away === undefined ? log.info('the read model is back') : log.warn({ away }, 'the read model is away');

const writtenForOthers = [runCommands, approvalCommands, artifactCommands, controlCommands].map(
  ({ name }) => name,
);

/** A Redis for many gateways, or a file each: two that share a data directory share no file. */
const placeOf = ({ INTERLOCK_DATA_DIR, INTERLOCK_PORT, REDIS_URL }: Configuration): ReadModelPlace =>
  REDIS_URL === undefined
    ? { path: join(INTERLOCK_DATA_DIR, 'gateway', `runs-${INTERLOCK_PORT}.sqlite`) }
    : { redisUrl: REDIS_URL };

type Finder<Found> = new (
  readModel: ReadModel,
  caughtUp: CaughtUp,
  partitions: number,
  refused: RefusedStarts,
) => Found;

/** What is looked for in the read model, once that has caught up with the log. */
const finderOf = <Found>(kind: Finder<Found>) => ({
  inject: [READ_MODEL, INPUTS, PARTITIONS, REFUSED],
  useFactory: (readModel: ReadModel, inputs: ReadModelInputs, partitions: number, refused: RefusedStarts) =>
    new kind(readModel, (partition) => inputs.caughtUp(partition), partitions, refused),
});

/** The HTTP side of Interlock: turns requests into commands, and logs into answers. Owns no truth. */
@Module({
  imports: [ControlModule],
  controllers: [
    RunsController,
    EventsController,
    ApprovalsController,
    ArtifactsController,
    PolicyController,
    ControlController,
    KeysController,
    StatusController,
  ],
  providers: [
    {
      provide: HEADS,
      inject: [BROKER, LOG],
      useFactory: (broker: Broker, log: Log) => new Heads(broker, dieOf(log, 'heads of runs')),
    },
    { provide: ANSWERS, useValue: new AnswerSlots() },
    {
      provide: METRICS,
      inject: [METRICS_REGISTRY],
      useFactory: (metrics: Metrics) => new RequestMetrics(metrics),
    },
    {
      provide: READ_MODEL_METRICS,
      inject: [READ_MODEL, INPUTS, METRICS_REGISTRY, PROJECTIONS, STOPPED],
      useFactory: showReadModel,
    },
    {
      provide: PARTITIONS,
      inject: [BROKER],
      useFactory: (broker: Broker) => broker.partitions(runEvents.name),
    },
    {
      provide: ACCESS,
      inject: [APPENDER, PARTITIONS, LOG],
      useFactory: (appender: CommandAppender, partitions: number, log: Log) =>
        new AccessLog(appender, partitions, log),
    },
    {
      provide: LogWatch,
      inject: [BROKER, READINESS],
      useFactory: (broker: Broker, readiness: Readiness) => {
        const watch = new LogWatch(broker, writtenForOthers);
        readiness.add('log', () => watch.waitingFor());
        return watch;
      },
    },
    { provide: APPENDER, inject: [BROKER], useFactory: (broker: Broker) => new CommandAppender(broker) },
    {
      provide: AUTHORITY,
      inject: [CONFIGURATION],
      useFactory: ({ INTERLOCK_MODE, INTERLOCK_KEYS_DIR, KAFKA_BROKERS }: Configuration) =>
        new CommandAuthority(
          INTERLOCK_MODE,
          KAFKA_BROKERS === undefined ? undefined : new SealingTargets(INTERLOCK_KEYS_DIR),
        ),
    },
    {
      provide: READ_MODEL,
      inject: [CONFIGURATION, LOG],
      useFactory: (configuration: Configuration, log: Log) =>
        openReadModel(
          placeOf(configuration),
          (error) => log.error({ err: error }, 'the read model could not be stored'),
          dieOf(log, 'read model'),
        ),
    },
    {
      provide: INPUTS,
      inject: [BROKER, READ_MODEL, PARTITIONS, LOG],
      useFactory: (broker: Broker, readModel: ReadModel, partitions: number, log: Log) =>
        new ReadModelInputs(broker, readModel, partitions, dieOf(log, 'read model'), (away) =>
          tell(log, away),
        ),
    },
    {
      provide: STARTER,
      inject: [APPENDER, AUTHORITY, READ_MODEL, ARTIFACTS, PARTITIONS, CONFIGURATION, REFUSED],
      useFactory: (
        appender: CommandAppender,
        authority: CommandAuthority,
        readModel: ReadModel,
        artifacts: ArtifactView,
        partitions: number,
        configuration: Configuration,
        refused: RefusedStarts,
      ) =>
        new RunStarter(
          appender,
          authority,
          readModel,
          artifacts,
          partitions,
          reserveIn(configuration),
          now,
          refused,
        ),
    },
    {
      provide: COMMANDER,
      inject: [APPENDER, AUTHORITY, READ_MODEL, PARTITIONS],
      useFactory: (
        appender: CommandAppender,
        authority: CommandAuthority,
        readModel: ReadModel,
        partitions: number,
      ) => new RunCommander(appender, authority, readModel, partitions, now),
    },
    {
      provide: REFUSED,
      inject: [BROKER, LOG],
      useFactory: (broker: Broker, log: Log) => new RefusedStarts(broker, dieOf(log, 'refused starts')),
    },
    { provide: FINDER, ...finderOf(RunFinder) },
    { provide: APPROVAL_FINDER, ...finderOf(ApprovalFinder) },
    {
      provide: VOTE_CASTER,
      inject: [APPENDER, AUTHORITY, READ_MODEL, PARTITIONS],
      useFactory: (
        appender: CommandAppender,
        authority: CommandAuthority,
        readModel: ReadModel,
        partitions: number,
      ) => new VoteCaster(appender, authority, readModel, partitions, now),
    },
    {
      provide: REGISTRY,
      inject: [APPENDER, AUTHORITY, ARTIFACTS],
      useFactory: (appender: CommandAppender, authority: CommandAuthority, artifacts: ArtifactView) =>
        new RegistryCaller(appender, authority, artifacts, artifactCommands.name, now),
    },
    {
      provide: PUBLISHER,
      inject: [REGISTRY, ARTIFACTS],
      useFactory: (registry: RegistryCaller, artifacts: ArtifactView) =>
        new ArtifactPublisher(registry, artifacts),
    },
    {
      provide: ACTIVATOR,
      inject: [REGISTRY, ARTIFACTS],
      useFactory: (registry: RegistryCaller, artifacts: ArtifactView) =>
        new PolicyActivator(registry, artifacts),
    },
    {
      provide: KILL_SWITCH,
      inject: [APPENDER, AUTHORITY, CONTROL],
      useFactory: (appender: CommandAppender, authority: CommandAuthority, control: ControlView) =>
        new KillSwitch(
          new RegistryCaller(appender, authority, control, controlCommands.name, now),
          control,
          CONTROL_FRESH_MS,
        ),
    },
    {
      provide: MODULE_PUBLICATION,
      inject: [ARTIFACTS, PUBLISHER, REGISTRY, CONFIGURATION],
      useFactory: (
        artifacts: ArtifactView,
        publisher: ArtifactPublisher,
        registry: RegistryCaller,
        configuration: Configuration,
      ) =>
        configuration.INTERLOCK_MODE === 'development'
          ? new ModulePublication(
              artifacts,
              publisher,
              registry,
              moduleSignature(configuration),
              configuration.INTERLOCK_MODULES,
            )
          : undefined,
    },
    {
      provide: LIFECYCLE,
      inject: [
        INPUTS,
        HEADS,
        READ_MODEL,
        ACCESS,
        APPENDER,
        MODULE_PUBLICATION,
        READINESS,
        CONFIGURATION,
        LOG,
      ],
      useFactory: (
        inputs: ReadModelInputs,
        heads: Heads,
        readModel: ReadModel,
        access: AccessLog,
        appender: CommandAppender,
        publication: ModulePublication | undefined,
        readiness: Readiness,
        { INTERLOCK_MODULES }: Configuration,
        log: Log,
      ) =>
        new GatewayLifecycle(
          inputs,
          heads,
          readModel,
          access,
          appender,
          publication,
          readiness,
          INTERLOCK_MODULES,
          log,
        ),
    },
  ],
  exports: [READ_MODEL],
})
export class GatewayModule {}
