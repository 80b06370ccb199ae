import {
  approvalCommands,
  approvalEvents,
  artifactCommands,
  artifactEvents,
  auditEvents,
  controlCommands,
  controlEvents,
  controlGroup,
  groupOf,
  noticeEvents,
  planEvents,
  policyEvents,
  quarantineOf,
  runCheckpoints,
  runCommands,
  runEvents,
  runOrders,
  type ServiceName,
  scheduleCommands,
  scheduleEvents,
  scheduleGroup,
  serviceNames,
  type TopicSpec,
  toolCircuits,
  toolEvents,
  toolHandover,
  topics,
  traceGroup,
} from './topics.js';

export type AclOperation = 'Read' | 'Write' | 'Describe' | 'DescribeConfigs' | 'Delete';

/** One thing a principal may do. The principal of a service is the user of its name. */
export interface Acl {
  readonly principal: ServiceName;
  readonly resource: 'topic' | 'group';
  readonly name: string;
  readonly operation: AclOperation;
}

/** What services have set aside is shown to those who keep the installation. */
const quarantines = serviceNames.filter((name) => name !== 'gateway').map(quarantineOf);

/** What a service reads besides the topics it writes. */
const reads: Readonly<Record<ServiceName, readonly TopicSpec[]>> = {
  orchestrator: [
    runCommands,
    scheduleCommands,
    planEvents,
    policyEvents,
    toolEvents,
    approvalEvents,
    artifactEvents,
    controlEvents,
  ],
  planner: [runEvents, policyEvents, artifactEvents, controlEvents],
  policy: [runEvents, approvalEvents, artifactEvents],
  'tool-executor': [runEvents, policyEvents, approvalEvents, artifactEvents, controlEvents],
  approval: [runEvents, approvalCommands, artifactEvents],
  // Heads of runs, which it hands on and cannot sign; which targets are away; what was set aside.
  gateway: [
    runEvents,
    scheduleEvents,
    artifactEvents,
    controlEvents,
    auditEvents,
    toolCircuits,
    ...quarantines,
  ],
  registry: [artifactCommands, controlCommands],
  audit: [runEvents, artifactEvents],
  notifier: [runEvents, artifactEvents],
  telemetry: [runEvents, runCommands, planEvents, policyEvents, toolEvents, approvalEvents, artifactEvents],
};

/** Read back by the service that writes them: its own log, its own cache, the commands a gateway has accepted, how far the audit stream goes. */
const readBack: ReadonlySet<TopicSpec> = new Set([
  // What it could not make of events in topics of others.
  ...topics.filter(({ name }) => name === quarantineOf('gateway').name),
  runCommands,
  runEvents,
  runOrders,
  scheduleEvents,
  planEvents,
  policyEvents,
  toolEvents,
  toolHandover,
  approvalEvents,
  noticeEvents,
  artifactEvents,
  controlEvents,
  auditEvents,
  runCheckpoints,
]);

/**
 * Everything the services may do on a broker, and nothing else: each topic has the one writer that the topic table names. An owner of
 * a topic that is kept until read may also delete its records, which in Kafka is the operation Delete, and look at the commits
 * of its readers.
 */
export function acls(): readonly Acl[] {
  return serviceNames.flatMap((service) => [...topicAcls(service), ...groupAcls(service)]);
}

function topicAcls(principal: ServiceName): Acl[] {
  const acl = (topic: TopicSpec, operation: AclOperation): Acl => ({
    principal,
    resource: 'topic',
    name: topic.name,
    operation,
  });
  const own = topics.filter(({ writer }) => writer === principal);
  return [
    ...own.map((topic) => acl(topic, 'Write')),
    ...own.filter((topic) => readBack.has(topic)).map((topic) => acl(topic, 'Read')),
    ...own.filter(({ keep }) => keep === 'read').map((topic) => acl(topic, 'Delete')),
    ...reads[principal].map((topic) => acl(topic, 'Read')),
    // A start checks that every topic is there, and that it is what the topic table says.
    ...topics.flatMap((topic) => [acl(topic, 'Describe'), acl(topic, 'DescribeConfigs')]),
  ];
}

/** Services that read a topic of another, with their group. */
export const readersOf = (topic: TopicSpec): readonly ServiceName[] =>
  serviceNames.filter((service) => service !== topic.writer && reads[service].includes(topic));

/** An owner asks how far its readers have come: what it may cut, and whether its log still holds it. Telemetry shows it of every service. */
function groupAcls(principal: ServiceName): Acl[] {
  const read = topics.filter(({ writer }) => writer === principal).flatMap(readersOf);
  const watched = [...new Set(read)];
  const acl = (name: string, operation: AclOperation): Acl => ({
    principal,
    resource: 'group',
    name,
    operation,
  });
  const own = [
    acl(groupOf(principal), 'Read'),
    ...watched.map((service) => acl(groupOf(service), 'Describe')),
  ];
  if (principal === 'orchestrator') return [...own, acl(scheduleGroup, 'Read')];
  if (principal === 'registry') return [...own, acl(controlGroup, 'Read')];
  if (principal !== 'telemetry') return own;
  const others = serviceNames.filter((service) => service !== principal);
  return [...own, acl(traceGroup, 'Read'), ...others.map((service) => acl(groupOf(service), 'Describe'))];
}
