import { inputFrom } from '@interlock/actors';
import { artifactCommands, artifactEvents, catalogueOf } from '@interlock/contracts';
import { ActorsModule, CONFIGURATION, type Configuration, type ServiceSpec } from '@interlock/service';
import { Module } from '@nestjs/common';
import { artifactActor } from './artifact.actor.js';
import type { RegistryState } from './registry.state.js';

/** Validates and publishes artifacts, and says which bundle is in force. The only writer of `artifact.events`. */
@Module({ imports: [ActorsModule.host<RegistryState>({ inject: [CONFIGURATION], spec: registrySpec })] })
export class RegistryModule {}

export function registrySpec({
  INTERLOCK_MODE: mode,
}: Pick<Configuration, 'INTERLOCK_MODE'>): ServiceSpec<RegistryState> {
  return {
    service: 'registry',
    topic: artifactEvents.name,
    numbered: false,
    actor: artifactActor({ mode }),
    events: catalogueOf(artifactEvents),
    commands: { topic: artifactCommands, modules: true },
    inputs: [artifactCommands].map(inputFrom),
  };
}
