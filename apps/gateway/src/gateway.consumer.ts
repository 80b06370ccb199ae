import { auditEvents, quarantineOf, scheduleEvents } from '@interlock/contracts';
import type { RefusedStarts, RunHeads } from '@interlock/read-model';
import { Consumes, type RecordBatch } from '@interlock/service';
import { Controller, Inject } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { HEADS, REFUSED, SCHEDULE_LOG } from './gateway.tokens.js';
import type { ScheduleLog } from './schedules/schedule.log.js';

/** Keeps what the gateway knows from topics of others, beside its read model, current. */
@Controller()
export class GatewayConsumer {
  constructor(
    @Inject(HEADS) private readonly heads: RunHeads,
    @Inject(REFUSED) private readonly refused: RefusedStarts,
    @Inject(SCHEDULE_LOG) private readonly schedules: ScheduleLog,
  ) {}

  @Consumes(auditEvents)
  takeHeads(@Payload() { records }: RecordBatch): void {
    this.heads.take(records);
  }

  @Consumes(scheduleEvents)
  takeSchedules(@Payload() batch: RecordBatch): void {
    this.schedules.take(batch);
  }

  @Consumes(quarantineOf('orchestrator'))
  takeRefusals(@Payload() { records }: RecordBatch): void {
    this.refused.take(records);
  }
}
