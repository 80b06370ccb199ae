import { randomBytes } from 'node:crypto';
import { inputFrom, type Runtime } from '@interlock/actors';
import { type Broker, partitionOf } from '@interlock/broker';
import {
  catalogueOf,
  type PublishedArtifact,
  runEvents,
  scheduleCommands,
  scheduleEvents,
  scheduleGroup,
} from '@interlock/contracts';
import type { CompiledWorkflow } from '@interlock/language';
import { type Schedules, scheduleActor } from '@interlock/schedules';
import type { ArtifactView, Configuration, ServiceSpec } from '@interlock/service';
import { OrderWriter } from './order.writer.js';

export interface SchedulePorts {
  readonly artifacts: Pick<ArtifactView, 'named'>;
  readonly broker: Broker;
  readonly runtime: Runtime;
  readonly partitions: number;
  /** Of one run. */
  readonly salt: () => string;
}

export const scheduleSpecOf = (
  artifacts: Pick<ArtifactView, 'named'>,
  broker: Broker,
  runtime: Runtime,
  { INTERLOCK_PARTITIONS: partitions }: Pick<Configuration, 'INTERLOCK_PARTITIONS'>,
): ServiceSpec<Schedules> =>
  scheduleSpec({ artifacts, broker, runtime, partitions, salt: () => randomBytes(16).toString('base64url') });

/** A log and a group of its own: what is due must not wait behind runs. */
export function scheduleSpec({
  artifacts,
  broker,
  runtime,
  partitions,
  salt,
}: SchedulePorts): ServiceSpec<Schedules> {
  const orders = new OrderWriter(broker, runtime, partitions, salt);
  return {
    service: 'orchestrator',
    group: scheduleGroup,
    topic: scheduleEvents.name,
    numbered: false,
    actor: scheduleActor({
      workflow: (name, version) => startable(artifacts.named('workflow', name, version)),
      partitionOf: (key) => partitionOf(key, partitions),
    }),
    events: catalogueOf(scheduleEvents),
    commands: { topic: scheduleCommands, modules: true },
    inputs: [scheduleCommands, runEvents].map(inputFrom),
    readers: scheduleEvents.readers ?? [],
    perform: (effect, performing) => orders.perform(effect, performing),
  };
}

/** Nothing but a workflow that the registry has compiled is published as one. */
function startable(artifact: PublishedArtifact | undefined) {
  if (artifact === undefined) return undefined;
  const { name, version, hash } = artifact;
  return { name, version, hash, inputSchema: (artifact.compiled as CompiledWorkflow).inputSchema };
}
