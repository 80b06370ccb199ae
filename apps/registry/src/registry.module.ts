import { inputFrom } from '@interlock/actors';
import { artifactCommands, artifactEvents, catalogueOf } from '@interlock/contracts';
import { ActorsModule, type ServiceSpec } from '@interlock/service';
import { Module } from '@nestjs/common';
import { artifactActor } from './artifact.actor.js';
import type { Catalogue } from './catalogue.js';

/** Validates and publishes artifacts. The only writer of `artifact.events`. */
@Module({ imports: [ActorsModule.host<Catalogue>({ spec: registrySpec })] })
export class RegistryModule {}

export function registrySpec(): ServiceSpec<Catalogue> {
  return {
    service: 'registry',
    topic: artifactEvents.name,
    numbered: false,
    actor: artifactActor,
    events: catalogueOf(artifactEvents),
    inputs: [artifactCommands].map(inputFrom),
  };
}
