import { auditEvents, quarantineOf, scheduleEvents } from '@interlock/contracts';
import type { RefusedStarts, RunHeads } from '@interlock/read-model';
import { Consumes, type RecordBatch } from '@interlock/service';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import type { BulkView } from './bulk/bulk.view.js';
import { BULKS, HEADS, REFUSED, SCHEDULES } from './gateway.tokens.js';
import type { ScheduleView } from './schedules/schedule.view.js';

/** Keeps what the gateway knows from topics of others, beside its read model, current. */
@Controller()
export class GatewayConsumer {
  constructor(
    @Inject(HEADS) private readonly heads: RunHeads,
    @Inject(REFUSED) private readonly refused: RefusedStarts,
    @Inject(SCHEDULES) private readonly schedules: ScheduleView,
    @Inject(BULKS) private readonly bulks: BulkView,
  ) {}

  @Consumes(auditEvents)
  takeHeads(@Payload() { records }: RecordBatch): void {
    this.heads.take(records);
  }

  @Consumes(scheduleEvents)
  takeSchedules(@Payload() batch: RecordBatch): void {
    this.schedules.take(batch);
    this.bulks.take(batch);
  }

  @Consumes(quarantineOf('orchestrator'))
  takeRefusals(@Payload() { records }: RecordBatch): void {
    this.refused.take(records);
  }
}
