import { accessMessages } from './access.events.js';
import { approvalCommandMessages } from './approval.commands.js';
import { ApprovalsClosed, approvalLifeEvents } from './approval.events.js';
import { artifactCommandMessages, artifactLifeEvents } from './artifact.js';
import { bulkCommandMessages } from './bulk.commands.js';
import { bulkLifeEvents } from './bulk.events.js';
import { Catalogue } from './catalogue.js';
import { circuitMessages } from './circuit.events.js';
import { controlCommandMessages, controlLifeEvents } from './control.events.js';
import type { MessageDefinition } from './define.js';
import { noticeLifeEvents } from './notice.events.js';
import { planLifeEvents } from './plan.events.js';
import { influenceEvents, policyDecisionEvents } from './policy.events.js';
import { runCommandMessages } from './run.commands.js';
import { runLifeEvents } from './run.events.js';
import { scheduleCommandMessages } from './schedule.commands.js';
import { scheduleLifeEvents } from './schedule.events.js';
import { handoverMessages, toolCallEvents } from './tool.events.js';
import {
  accessEvents,
  approvalCommands,
  approvalEvents,
  artifactCommands,
  artifactEvents,
  controlCommands,
  controlEvents,
  noticeEvents,
  planEvents,
  policyEvents,
  runCommands,
  runEvents,
  runOrders,
  scheduleCommands,
  scheduleEvents,
  type TopicSpec,
  toolCircuits,
  toolEvents,
  toolHandover,
} from './topics.js';

/** What this release understands on each topic, the hosts' own records aside. */
const definitions: ReadonlyMap<string, readonly MessageDefinition[]> = new Map<
  string,
  readonly MessageDefinition[]
>([
  [runCommands.name, runCommandMessages],
  [runOrders.name, runCommandMessages],
  [runEvents.name, runLifeEvents],
  [scheduleCommands.name, [...scheduleCommandMessages, ...bulkCommandMessages]],
  [scheduleEvents.name, [...scheduleLifeEvents, ...bulkLifeEvents]],
  [planEvents.name, planLifeEvents],
  [policyEvents.name, [...policyDecisionEvents, ...influenceEvents]],
  [toolEvents.name, toolCallEvents],
  [toolHandover.name, handoverMessages],
  [toolCircuits.name, circuitMessages],
  [approvalCommands.name, approvalCommandMessages],
  [approvalEvents.name, [...approvalLifeEvents, ApprovalsClosed]],
  [noticeEvents.name, noticeLifeEvents],
  [accessEvents.name, accessMessages],
  [artifactCommands.name, artifactCommandMessages],
  [artifactEvents.name, artifactLifeEvents],
  [controlCommands.name, controlCommandMessages],
  [controlEvents.name, controlLifeEvents],
]);

export const allDefinitions = (): readonly MessageDefinition[] => [
  ...new Set([...definitions.values()].flat()),
];

export const definitionsOf = ({ name }: TopicSpec): readonly MessageDefinition[] =>
  definitions.get(name) ?? [];

const catalogues = new Map<string, Catalogue>();

/** The messages of a topic. */
export function catalogueOf({ name }: Pick<TopicSpec, 'name'>): Catalogue {
  let catalogue = catalogues.get(name);
  if (catalogue === undefined) {
    catalogue = new Catalogue(definitions.get(name) ?? []);
    catalogues.set(name, catalogue);
  }
  return catalogue;
}
