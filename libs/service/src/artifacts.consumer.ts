import { artifactEvents } from '@interlock/contracts';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type { ArtifactView } from './artifacts.js';
import { ARTIFACTS } from './tokens.js';
import { Consumes, type RecordBatch } from './transport.js';

/** Keeps the process's view of what is published current. */
@Controller()
export class ArtifactsConsumer {
  constructor(@Inject(ARTIFACTS) private readonly artifacts: ArtifactView) {}

  @Consumes(artifactEvents)
  take(@Payload() batch: RecordBatch): void {
    this.artifacts.take(batch);
  }
}
