import { join } from 'node:path';
import { SealingTargets } from '@interlock/authority';
import { type Broker, partitionOf } from '@interlock/broker';
import {
  ArtifactPublisher,
  BulkCommander,
  KillSwitch,
  MigrationPlanner,
  ModulePublication,
  moduleSignature,
  PolicyActivator,
  RunCommander,
  RunStarter,
  ScheduleCommander,
  TriggerFirer,
  VoteCaster,
} from '@interlock/commands';
import {
  approvalCommands,
  artifactCommands,
  controlCommands,
  runCommands,
  runEvents,
  scheduleCommands,
} from '@interlock/contracts';
import { ToolManifests } from '@interlock/projection';
import {
  openReadModel,
  type ReadModel,
  ReadModelInputs,
  type ReadModelPlace,
  RefusedStarts,
  RunHeads,
} from '@interlock/read-model';
import {
  AccessLog,
  ARTIFACTS,
  type ArtifactView,
  BROKER,
  CONFIGURATION,
  CONTROL,
  CONTROL_FRESH_MS,
  CommandAppender,
  CommandAuthority,
  type CommandDoor,
  type Configuration,
  ControlModule,
  DiskReserve,
  dieOf,
  LOG,
  type Log,
  LogWatch,
  METRICS_REGISTRY,
  OwnerCaller,
  PROJECTIONS,
  provider,
  READINESS,
  registryDoor,
  SECRETS,
  STOPPED,
  token,
  VALUES,
} from '@interlock/service';
import { Module } from '@nestjs/common';
import { ApprovalFinder } from './approvals/approval.finder.js';
import { ApprovalsController } from './approvals/approvals.controller.js';
import { ArtifactsController } from './artifacts/artifacts.controller.js';
import { BulkController } from './bulk/bulk.controller.js';
import { BulkResults } from './bulk/bulk.results.js';
import { BulkView } from './bulk/bulk.view.js';
import { CircuitReader } from './circuits/circuit.reader.js';
import { CircuitsController } from './circuits/circuits.controller.js';
import { ControlController } from './control/control.controller.js';
import { KeysController } from './evidence/keys.controller.js';
import { FeedController } from './feed/feed.controller.js';
import { FeedOpener } from './feed/feed.opener.js';
import { RunEventTail } from './feed/run.event.tail.js';
import { RunTenants } from './feed/run.tenants.js';
import { GatewayConsumer } from './gateway.consumer.js';
import { GatewayLifecycle } from './gateway.lifecycle.js';
import {
  ACCESS,
  ACTIVATOR,
  ANSWERS,
  APPENDER,
  APPROVAL_FINDER,
  AUTHORITY,
  BULK_COMMANDER,
  BULK_RESULTS,
  BULKS,
  CIRCUITS,
  COMMANDER,
  FEED,
  FINDER,
  HEADS,
  INPUTS,
  KILL_SWITCH,
  LIFECYCLE,
  METRICS,
  MIGRATIONS,
  MODULE_PUBLICATION,
  PARTITIONS,
  PUBLISHER,
  QUARANTINE,
  READ_MODEL,
  READ_MODEL_METRICS,
  REFUSED,
  REGISTRY,
  RUN_VALUES,
  SCHEDULE_COMMANDER,
  SCHEDULE_LOG,
  SCHEDULES,
  STARTER,
  TOPIC_TRIGGERS,
  TRIGGER_FIRER,
  VOTE_CASTER,
} from './gateway.tokens.js';
import { AnswerSlots } from './http/answer.slots.js';
import { RequestMetrics } from './http/request.metrics.js';
import { StatusController } from './http/status.controller.js';
import { PolicyController } from './policy/policy.controller.js';
import { QuarantineController } from './quarantine/quarantine.controller.js';
import { QuarantineReader } from './quarantine/quarantine.reader.js';
import { showReadModel } from './read-model.metrics.js';
import { EventsController } from './runs/events.controller.js';
import { MigrationController } from './runs/migration.controller.js';
import { RunFinder } from './runs/run.finder.js';
import { RunValues } from './runs/run.values.js';
import { RunsController } from './runs/runs.controller.js';
import { ValuesController } from './runs/values.controller.js';
import { ScheduleLog } from './schedules/schedule.log.js';
import { showSchedules } from './schedules/schedule.metrics.js';
import { ScheduleView } from './schedules/schedule.view.js';
import { SchedulesController } from './schedules/schedules.controller.js';
import { TopicTriggers } from './triggers/topic.triggers.js';
import { TriggersController } from './triggers/triggers.controller.js';

const now = () => Date.now();

/** On Kafka only what the gateway itself writes counts: its read model and its logs. */
const reserveIn = ({
  INTERLOCK_DATA_DIR,
  INTERLOCK_DISK_RESERVE_MB: megabytes,
}: Configuration): DiskReserve =>
  new DiskReserve(INTERLOCK_DATA_DIR, megabytes === undefined ? undefined : megabytes * 1024 * 1024);

const tell = (log: Log, away: string | undefined): void =>
  away === undefined ? log.info('the read model is back') : log.warn({ away }, 'the read model is away');

const writtenForOthers = [
  runCommands,
  approvalCommands,
  artifactCommands,
  controlCommands,
  scheduleCommands,
].map(({ name }) => name);

/** A Redis for many gateways, or a file each: two that share a data directory share no file. */
const placeOf = ({ INTERLOCK_DATA_DIR, INTERLOCK_PORT, REDIS_URL }: Configuration): ReadModelPlace =>
  REDIS_URL === undefined
    ? { path: join(INTERLOCK_DATA_DIR, 'gateway', `runs-${INTERLOCK_PORT}.sqlite`) }
    : { redisUrl: REDIS_URL };

function feedOf(
  broker: Broker,
  inputs: ReadModelInputs,
  readModel: ReadModel,
  partitions: number,
  artifacts: ArtifactView,
): FeedOpener {
  const tail = new RunEventTail(broker);
  inputs.onFed((topic, partition, records) => {
    if (topic === runEvents.name) tail.take(partition, records);
  });
  const manifests = new ToolManifests(artifacts, broker);
  return new FeedOpener(tail, broker, readModel, partitions, manifests, new RunTenants(readModel, inputs));
}

/** Where the orchestrator takes commands about schedules and bulk orders. */
const scheduleDoor = (partitions: number): CommandDoor => ({
  service: 'orchestrator',
  topic: scheduleCommands.name,
  partitionOf: (key) => partitionOf(key, partitions),
});

const LOG_WATCH = token<LogWatch>('LogWatch');

/** What is read: the read model, and beside it what the logs say of starts that were set aside and of signed heads. */
const reading = [
  provider(PARTITIONS, [BROKER], (broker) => broker.partitions(runEvents.name)),
  provider(READ_MODEL, [CONFIGURATION, BROKER, LOG], (configuration, broker, log) =>
    openReadModel(
      placeOf(configuration),
      broker,
      (error) => log.error({ err: error }, 'the read model could not be stored'),
      dieOf(log, 'read model'),
    ),
  ),
  provider(
    INPUTS,
    [BROKER, READ_MODEL, PARTITIONS, LOG],
    (broker, readModel, partitions, log) =>
      new ReadModelInputs(broker, readModel, partitions, dieOf(log, 'read model'), (away) => tell(log, away)),
  ),
  provider(READ_MODEL_METRICS, [READ_MODEL, INPUTS, METRICS_REGISTRY, PROJECTIONS, STOPPED], showReadModel),
  provider(HEADS, [], () => new RunHeads()),
  provider(RUN_VALUES, [VALUES], (values) => new RunValues(values)),
  provider(SCHEDULES, [METRICS_REGISTRY], (metrics) => {
    const view = new ScheduleView();
    showSchedules(view, metrics);
    return view;
  }),
  provider(
    SCHEDULE_LOG,
    [BROKER, PARTITIONS, READINESS, SCHEDULES, BULKS],
    async (broker, partitions, readiness, schedules, bulks) => {
      const log = await ScheduleLog.open(broker, partitions, { schedules, bulks });
      readiness.add('schedules', () => log.waitingFor());
      return log;
    },
  ),
  provider(REFUSED, [], () => new RefusedStarts()),
  provider(
    FINDER,
    [READ_MODEL, INPUTS, PARTITIONS, REFUSED],
    (readModel, inputs, partitions, refused) => new RunFinder(readModel, inputs, partitions, refused),
  ),
  provider(CIRCUITS, [BROKER], (broker) => new CircuitReader(broker, now)),
  provider(QUARANTINE, [BROKER], (broker) => new QuarantineReader(broker)),
  provider(BULKS, [], () => new BulkView()),
  provider(BULK_RESULTS, [READ_MODEL], (readModel) => new BulkResults(readModel)),
  provider(FEED, [BROKER, INPUTS, READ_MODEL, PARTITIONS, ARTIFACTS], feedOf),
  provider(
    APPROVAL_FINDER,
    [READ_MODEL, INPUTS, PARTITIONS],
    (readModel, inputs, partitions) => new ApprovalFinder(readModel, inputs, partitions),
  ),
];

/** What is written: commands, with what proves who gives them. */
const writing = [
  provider(APPENDER, [BROKER], (broker) => new CommandAppender(broker)),
  provider(
    AUTHORITY,
    [CONFIGURATION],
    ({ INTERLOCK_MODE, INTERLOCK_KEYS_DIR, KAFKA_BROKERS }) =>
      new CommandAuthority(
        INTERLOCK_MODE,
        KAFKA_BROKERS === undefined ? undefined : new SealingTargets(INTERLOCK_KEYS_DIR),
      ),
  ),
  provider(LOG_WATCH, [BROKER, READINESS], (broker, readiness) => {
    const watch = new LogWatch(broker, writtenForOthers);
    readiness.add('log', () => watch.waitingFor());
    return watch;
  }),
  provider(
    STARTER,
    [APPENDER, AUTHORITY, READ_MODEL, ARTIFACTS, PARTITIONS, CONFIGURATION, REFUSED],
    (appender, authority, readModel, artifacts, partitions, configuration, refused) =>
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
  ),
  provider(
    COMMANDER,
    [APPENDER, AUTHORITY, READ_MODEL, PARTITIONS],
    (...ports) => new RunCommander(...ports, now),
  ),
  provider(MIGRATIONS, [READ_MODEL, ARTIFACTS], (...ports) => new MigrationPlanner(...ports, now)),
  provider(
    VOTE_CASTER,
    [APPENDER, AUTHORITY, READ_MODEL, PARTITIONS],
    (...ports) => new VoteCaster(...ports, now),
  ),
  provider(
    REGISTRY,
    [APPENDER, AUTHORITY, ARTIFACTS],
    (...ports) => new OwnerCaller(...ports, registryDoor(artifactCommands.name), now),
  ),
  provider(PUBLISHER, [REGISTRY, ARTIFACTS], (...ports) => new ArtifactPublisher(...ports)),
  provider(ACTIVATOR, [REGISTRY, ARTIFACTS], (...ports) => new PolicyActivator(...ports)),
  provider(KILL_SWITCH, [APPENDER, AUTHORITY, CONTROL], (appender, authority, control) => {
    const registry = new OwnerCaller(appender, authority, control, registryDoor(controlCommands.name), now);
    return new KillSwitch(registry, control, CONTROL_FRESH_MS);
  }),
  provider(
    TRIGGER_FIRER,
    [ARTIFACTS, STARTER, COMMANDER, FINDER, SECRETS],
    (...ports) => new TriggerFirer(...ports, now),
  ),
  provider(
    TOPIC_TRIGGERS,
    [BROKER, ARTIFACTS, TRIGGER_FIRER, PARTITIONS, LOG, METRICS_REGISTRY],
    (...ports) => new TopicTriggers(...ports),
  ),
  provider(
    SCHEDULE_COMMANDER,
    [APPENDER, AUTHORITY, SCHEDULE_LOG, SCHEDULES, ARTIFACTS, PARTITIONS],
    (appender, authority, answers, schedules, artifacts, partitions) =>
      new ScheduleCommander(
        new OwnerCaller(appender, authority, answers, scheduleDoor(partitions), now),
        schedules,
        artifacts,
      ),
  ),
  provider(
    BULK_COMMANDER,
    [APPENDER, AUTHORITY, SCHEDULE_LOG, BULKS, READ_MODEL, PARTITIONS],
    (appender, authority, answers, bulks, readModel, partitions) =>
      new BulkCommander(
        new OwnerCaller(appender, authority, answers, scheduleDoor(partitions), now),
        bulks,
        readModel,
      ),
  ),
  provider(
    MODULE_PUBLICATION,
    [ARTIFACTS, PUBLISHER, REGISTRY, SCHEDULE_COMMANDER, CONFIGURATION],
    (artifacts, publisher, registry, schedules, configuration) =>
      configuration.INTERLOCK_MODE === 'development'
        ? new ModulePublication(
            artifacts,
            publisher,
            registry,
            schedules,
            moduleSignature(configuration),
            configuration.INTERLOCK_MODULES,
          )
        : undefined,
  ),
];

/** The HTTP side of Interlock: turns requests into commands, and logs into answers. Owns no truth. */
@Module({
  imports: [ControlModule],
  controllers: [
    RunsController,
    MigrationController,
    ValuesController,
    EventsController,
    FeedController,
    ApprovalsController,
    ArtifactsController,
    PolicyController,
    ControlController,
    SchedulesController,
    TriggersController,
    BulkController,
    CircuitsController,
    QuarantineController,
    KeysController,
    StatusController,
    GatewayConsumer,
  ],
  providers: [
    ...reading,
    ...writing,
    { provide: ANSWERS, useValue: new AnswerSlots() },
    provider(METRICS, [METRICS_REGISTRY], (metrics) => new RequestMetrics(metrics)),
    provider(ACCESS, [APPENDER, PARTITIONS, LOG], (...ports) => new AccessLog(...ports)),
    provider(
      LIFECYCLE,
      [INPUTS, READ_MODEL, ACCESS, APPENDER, MODULE_PUBLICATION, READINESS, CONFIGURATION, LOG],
      (...ports) => new GatewayLifecycle(...ports),
    ),
  ],
  exports: [READ_MODEL],
})
export class GatewayModule {}
