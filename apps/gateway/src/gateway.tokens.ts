import type {
  ArtifactPublisher,
  BulkCommander,
  KillSwitch,
  MigrationPlanner,
  ModulePublication,
  PolicyActivator,
  RunCommander,
  RunStarter,
  ScheduleCommander,
  TriggerFirer,
  VoteCaster,
} from '@interlock/commands';
import type { ReadModel, ReadModelInputs, RefusedStarts, RunHeads } from '@interlock/read-model';
import {
  type AccessLog,
  type CommandAppender,
  type CommandAuthority,
  type OwnerCaller,
  token,
} from '@interlock/service';
import type { ApprovalFinder } from './approvals/approval.finder.js';
import type { BulkResults } from './bulk/bulk.results.js';
import type { BulkView } from './bulk/bulk.view.js';
import type { CircuitReader } from './circuits/circuit.reader.js';
import type { FeedOpener } from './feed/feed.opener.js';
import type { GatewayLifecycle } from './gateway.lifecycle.js';
import type { AnswerSlots } from './http/answer.slots.js';
import type { RequestMetrics } from './http/request.metrics.js';
import type { QuarantineReader } from './quarantine/quarantine.reader.js';
import type { RunFinder } from './runs/run.finder.js';
import type { RunValues } from './runs/run.values.js';
import type { ScheduleLog } from './schedules/schedule.log.js';
import type { ScheduleView } from './schedules/schedule.view.js';
import type { TopicTriggers } from './triggers/topic.triggers.js';

/** Injection tokens of the gateway. */
export const REFUSED = token<RefusedStarts>('RefusedStarts');
export const READ_MODEL = token<ReadModel>('ReadModel');
export const READ_MODEL_METRICS = token<void>('ReadModelMetrics');
export const INPUTS = token<ReadModelInputs>('ReadModelInputs');
export const ANSWERS = token<AnswerSlots>('AnswerSlots');
export const ACCESS = token<AccessLog>('AccessLog');
export const APPENDER = token<CommandAppender>('CommandAppender');
export const AUTHORITY = token<CommandAuthority>('CommandAuthority');
export const STARTER = token<RunStarter>('RunStarter');
export const COMMANDER = token<RunCommander>('RunCommander');
export const MIGRATIONS = token<MigrationPlanner>('MigrationPlanner');
/** Signed heads of runs, as the audit stream tells them. */
export const HEADS = token<RunHeads>('RunHeads');
export const FINDER = token<RunFinder>('RunFinder');
/** Of the values that are kept outside of the log. */
export const RUN_VALUES = token<RunValues>('RunValues');
export const CIRCUITS = token<CircuitReader>('CircuitReader');
export const QUARANTINE = token<QuarantineReader>('QuarantineReader');
export const BULKS = token<BulkView>('BulkView');
export const BULK_RESULTS = token<BulkResults>('BulkResults');
export const BULK_COMMANDER = token<BulkCommander>('BulkCommander');
/** Streams over all runs. */
export const FEED = token<FeedOpener>('FeedOpener');
export const APPROVAL_FINDER = token<ApprovalFinder>('ApprovalFinder');
export const VOTE_CASTER = token<VoteCaster>('VoteCaster');
export const REGISTRY = token<OwnerCaller>('OwnerCaller');
export const PUBLISHER = token<ArtifactPublisher>('ArtifactPublisher');
export const ACTIVATOR = token<PolicyActivator>('PolicyActivator');
export const KILL_SWITCH = token<KillSwitch>('KillSwitch');
/** Where answers about schedules and bulk orders are read. */
export const SCHEDULE_LOG = token<ScheduleLog>('ScheduleLog');
/** Reads topics of others. */
export const TOPIC_TRIGGERS = token<TopicTriggers>('TopicTriggers');
export const SCHEDULES = token<ScheduleView>('ScheduleView');
export const SCHEDULE_COMMANDER = token<ScheduleCommander>('ScheduleCommander');
export const TRIGGER_FIRER = token<TriggerFirer>('TriggerFirer');
export const MODULE_PUBLICATION = token<ModulePublication | undefined>('ModulePublication');
export const METRICS = token<RequestMetrics>('RequestMetrics');
export const LIFECYCLE = token<GatewayLifecycle>('GatewayLifecycle');
export const PARTITIONS = token<number>('Partitions');
