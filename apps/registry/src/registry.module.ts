import { inputFrom } from '@interlock/actors';
import {
  artifactCommands,
  artifactEvents,
  type ControlState,
  catalogueOf,
  controlCommands,
  controlEvents,
  controlGroup,
} from '@interlock/contracts';
import { ActorsModule, CONFIGURATION, type Configuration, type ServiceSpec } from '@interlock/service';
import { Module } from '@nestjs/common';
import { artifactActor } from './artifact.actor.js';
import { controlActor } from './control/control.actor.js';
import type { RegistryState } from './registry.state.js';

type Settings = Pick<Configuration, 'INTERLOCK_MODE'> & Partial<Pick<Configuration, 'KAFKA_BROKERS'>>;

/**
 * Validates and publishes artifacts, says which bundle is in force, and what is stopped. The only writer of `artifact.events` and of
 * `control.events`.
 */
@Module({
  imports: [
    ActorsModule.host<RegistryState>({ inject: [CONFIGURATION], spec: registrySpec }),
    ActorsModule.host<ControlState>({ inject: [CONFIGURATION], spec: controlSpec }),
  ],
})
export class RegistryModule {}

export function registrySpec({ INTERLOCK_MODE: mode, KAFKA_BROKERS }: Settings): ServiceSpec<RegistryState> {
  return {
    service: 'registry',
    topic: artifactEvents.name,
    numbered: false,
    actor: artifactActor({ mode, hasTopicsOfOthers: KAFKA_BROKERS !== undefined }),
    events: catalogueOf(artifactEvents),
    commands: { topic: artifactCommands, modules: true },
    inputs: [artifactCommands].map(inputFrom),
  };
}

/** A log and a group of its own: what stops everything must not wait behind a workflow that compiles. */
export function controlSpec({ INTERLOCK_MODE: mode }: Settings): ServiceSpec<ControlState> {
  return {
    service: 'registry',
    group: controlGroup,
    topic: controlEvents.name,
    numbered: false,
    actor: controlActor({ mode }),
    events: catalogueOf(controlEvents),
    commands: { topic: controlCommands },
    inputs: [controlCommands].map(inputFrom),
  };
}
