import { auditEvents, quarantineOf } from '@interlock/contracts';
import type { RefusedStarts, RunHeads } from '@interlock/read-model';
import { Consumes, type RecordBatch } from '@interlock/service';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { HEADS, REFUSED } from './gateway.tokens.js';

/** Keeps what the gateway knows from topics of others, beside its read model, current. */
@Controller()
export class GatewayConsumer {
  constructor(
    @Inject(HEADS) private readonly heads: RunHeads,
    @Inject(REFUSED) private readonly refused: RefusedStarts,
  ) {}

  @Consumes(auditEvents)
  takeHeads(@Payload() { records }: RecordBatch): void {
    this.heads.take(records);
  }

  @Consumes(quarantineOf('orchestrator'))
  takeRefusals(@Payload() { records }: RecordBatch): void {
    this.refused.take(records);
  }
}
