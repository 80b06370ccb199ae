/**
 * How a topic is written and read (architecture.md section 2).
 *
 * `fenced`: one owner at a time, reader's rule. `plain`: several writers, at least once, ids tell repeats apart.
 * `public`: for other systems; at least once, in order per run, without claims (docs/audit-stream.md).
 * `cache`: compacted, may be deleted. `global` topics have one partition and are read whole by every service.
 */
export interface TopicSpec {
  readonly name: string;
  readonly kind: 'fenced' | 'plain' | 'public' | 'cache';
  /** Run-keyed topics share one partition count; a global topic has one. */
  readonly scope: 'run' | 'global';
  /** Milliseconds; `forever`; `read`: until every reader has committed past it; `compacted`. */
  readonly keep: number | 'forever' | 'read' | 'compacted';
  /** Whose clock says when a record came. On topics of commands the broker's: a writer could revive a token that has expired. */
  readonly stampedBy: 'writer' | 'broker';
  /** The only principal that may write it. */
  readonly writer: ServiceName;
  /** Kept until these services have committed past it; each holds the cut until its first commit. */
  readonly readers?: readonly ServiceName[];
}

export const serviceNames = [
  'orchestrator',
  'planner',
  'policy',
  'tool-executor',
  'approval',
  'gateway',
  'registry',
  'audit',
  'telemetry',
  'notifier',
] as const;
export type ServiceName = (typeof serviceNames)[number];

/** The consumer group whose members share the partitions of a service's inputs. */
export const groupOf = (service: ServiceName): string => `interlock.${service}`;

/** The registry's second one: a group shares the partitions of one set of topics, and kill switches must not wait for publications. */
export const controlGroup = `${groupOf('registry')}.control`;

/** The orchestrator's second one: schedules must not wait behind runs, nor runs behind schedules. */
export const scheduleGroup = `${groupOf('orchestrator')}.schedules`;

/** Members share the partitions whose traces they export. Of telemetry alone. */
export const traceGroup = `${groupOf('telemetry')}.traces`;

/** Gateways share the partitions of the topic that a trigger reads. */
export const triggerGroup = (trigger: string): string => `interlock.trigger.${trigger}`;

const DAY_MS = 86_400_000;
export const COMMAND_WINDOW_MS = 7 * DAY_MS;

export const runCommands = commands('run.commands', 'run');
export const runEvents = spec('run.events', 'fenced', 'run', 'forever', 'orchestrator');
/** What the orchestrator itself tells runs, of any partition: starts of schedules, commands of bulk orders. Says in whose name. */
export const runOrders = spec('run.orders', 'plain', 'run', COMMAND_WINDOW_MS, 'orchestrator');
export const scheduleCommands = commands('schedule.commands', 'run');
/** Schedules, and what has become of their due times. Cut by its owner in front of what it still needs. */
export const scheduleEvents = untilRead('schedule.events', 'orchestrator', []);
export const planEvents = untilRead('plan.events', 'planner', ['orchestrator']);
export const policyEvents = untilRead('policy.events', 'policy', [
  'orchestrator',
  'tool-executor',
  'planner',
]);
export const toolEvents = untilRead('tool.events', 'tool-executor', ['orchestrator']);
export const toolHandover = spec('tool.handover', 'plain', 'run', 7 * DAY_MS, 'tool-executor');
/** Which targets executors have found away, for gateways to show. */
export const toolCircuits = spec('tool.circuits', 'plain', 'global', DAY_MS, 'tool-executor');
export const approvalEvents = untilRead('approval.events', 'approval', [
  'orchestrator',
  'tool-executor',
  'policy',
]);
/** What is told to hooks of others, and how far that has come. */
export const noticeEvents = untilRead('notice.events', 'notifier', []);
export const approvalCommands = commands('approval.commands', 'run');
/** Who asked the gateway for what: kept two years. Keyed by the subject. */
export const accessEvents = spec('access.events', 'plain', 'run', 730 * DAY_MS, 'gateway');
export const artifactCommands = commands('artifact.commands', 'global');
export const artifactEvents = spec('artifact.events', 'fenced', 'global', 'forever', 'registry');
export const controlCommands = commands('control.commands', 'global');
/** Kill switches. Whoever starts something has read its end a moment before. */
export const controlEvents = spec('control.events', 'fenced', 'global', 'forever', 'registry');
/** What other systems read: every event of every run as a CloudEvent. Kept five years. */
export const auditEvents = spec('audit.events', 'public', 'run', 1_826 * DAY_MS, 'audit');
export const runCheckpoints = spec('run.checkpoints', 'cache', 'run', 'compacted', 'orchestrator');

export const quarantineOf = (service: ServiceName): TopicSpec =>
  spec(`${service}.quarantine`, 'plain', 'run', 90 * DAY_MS, service);

/** Every topic of this release; created at start when missing. */
export const topics: readonly TopicSpec[] = [
  runCommands,
  runEvents,
  runOrders,
  scheduleCommands,
  scheduleEvents,
  planEvents,
  policyEvents,
  toolEvents,
  toolHandover,
  toolCircuits,
  approvalCommands,
  approvalEvents,
  noticeEvents,
  accessEvents,
  auditEvents,
  artifactCommands,
  artifactEvents,
  controlCommands,
  controlEvents,
  runCheckpoints,
  ...serviceNames.map(quarantineOf),
];

function spec(
  name: string,
  kind: TopicSpec['kind'],
  scope: TopicSpec['scope'],
  keep: TopicSpec['keep'],
  writer: ServiceName,
): TopicSpec {
  return { name, kind, scope, keep, writer, stampedBy: 'writer' };
}

/** What people tell a service through the gateway. */
function commands(name: string, scope: TopicSpec['scope']): TopicSpec {
  return { ...spec(name, 'plain', scope, COMMAND_WINDOW_MS, 'gateway'), stampedBy: 'broker' };
}

function untilRead(name: string, writer: ServiceName, readers: readonly ServiceName[]): TopicSpec {
  return { ...spec(name, 'fenced', 'run', 'read', writer), readers };
}
