import { inputFrom } from '@interlock/actors';
import { type ApprovalState, approvalActor } from '@interlock/approvals';
import { approvalCommands, approvalEvents, catalogueOf, runEvents } from '@interlock/contracts';
import { ActorsModule, type ServiceSpec } from '@interlock/service';
import { Module } from '@nestjs/common';

/** Asks people and counts their votes. The only writer of `approval.events`. */
@Module({ imports: [ActorsModule.host<ApprovalState>({ spec: approvalSpec })] })
export class ApprovalModule {}

export function approvalSpec(): ServiceSpec<ApprovalState> {
  return {
    service: 'approval',
    topic: approvalEvents.name,
    numbered: false,
    actor: approvalActor,
    events: catalogueOf(approvalEvents),
    readers: approvalEvents.readers,
    commands: { topic: approvalCommands },
    inputs: [runEvents, approvalCommands].map(inputFrom),
  };
}
