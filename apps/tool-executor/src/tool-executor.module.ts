import { inputFrom, type Runtime } from '@interlock/actors';
import { type Broker, type Producer, RenewingProducer } from '@interlock/broker';
import {
  approvalEvents,
  type Clock,
  catalogueOf,
  HandOverOutcome,
  policyEvents,
  runEvents,
  toolEvents,
  toolHandover,
} from '@interlock/contracts';
import { plainRecord } from '@interlock/log';
import {
  ActorsModule,
  BROKER,
  CONFIGURATION,
  type Configuration,
  LOG,
  type Log,
  RUNTIME,
  type ServiceSpec,
} from '@interlock/service';
import { loadModules } from '@interlock/tools';
import { Global, Module } from '@nestjs/common';
import { callActor } from './call.actor.js';
import { type CallResult, handoverOf } from './call.effect.js';
import type { CallState } from './call.state.js';
import { withoutCompensation } from './compensation.js';
import { EffectRunner } from './effect-runner.js';
import { type ToolSet, toolSetOf } from './tool-set.js';

const TOOLS = Symbol('ToolSet');
const CONCURRENCY_MAX = 512;
const LATE_MAX_MS = 60_000;
const HANDOVER_TRIES = 3;

/** The tools that this executor's modules bring. Global, because the host's module injects them. */
@Global()
@Module({
  providers: [
    {
      provide: TOOLS,
      inject: [CONFIGURATION, LOG],
      useFactory: async ({ INTERLOCK_MODULES }: Configuration, log: Pick<Log, 'warn'>) => {
        const { tools } = await loadModules(INTERLOCK_MODULES);
        for (const missing of withoutCompensation(tools))
          log.warn(
            missing,
            `${missing.tool} is undone by ${missing.compensatedBy}, which no module here brings`,
          );
        return toolSetOf(tools);
      },
    },
  ],
  exports: [TOOLS],
})
class ToolsModule {}

/** Performs what policy allows. Owns `tool.events`; reads verdicts in the policy service's own topic. */
@Module({
  imports: [
    ToolsModule,
    ActorsModule.host<CallState>({
      inject: [TOOLS, BROKER, RUNTIME, CONFIGURATION, LOG],
      spec: toolExecutorSpec,
    }),
  ],
})
export class ToolExecutorModule {}

export function toolExecutorSpec(
  tools: ToolSet,
  broker: Broker,
  { clock, scheduler }: Pick<Runtime, 'clock' | 'scheduler'>,
  { clockSkewMs }: Pick<Configuration, 'clockSkewMs'>,
  log: Pick<Log, 'info' | 'warn'>,
): ServiceSpec<CallState> {
  const runner = new EffectRunner({
    tools,
    clock,
    scheduler,
    concurrencyMax: CONCURRENCY_MAX,
    lateMaxMs: LATE_MAX_MS,
    log: (message, fields) => log.info(fields, message),
    warn: (message, fields) => log.warn(fields, message),
  });
  return {
    service: 'tool-executor',
    topic: toolEvents.name,
    numbered: false,
    actor: callActor({ tools, clockSkewMs }),
    events: catalogueOf(toolEvents),
    readers: toolEvents.readers,
    inputs: [runEvents, policyEvents, approvalEvents, toolHandover].map(inputFrom),
    perform: runner.perform,
    handOver: handOverTo(new RenewingProducer(broker, HANDOVER_TRIES), clock),
  };
}

/** Sends what a host that let go still came to know to whoever holds the partition now. */
function handOverTo(producer: Producer, clock: Clock): NonNullable<ServiceSpec<CallState>['handOver']> {
  return async (partition, runId, armId, result) => {
    const handover = handoverOf(runId, armId, result as CallResult);
    if (handover === undefined) return;
    const meta = { id: `${armId}/handover`, run: runId, time: clock.now() };
    const record = plainRecord(runId, HandOverOutcome.wire, meta, handover.data);
    await producer.append(toolHandover.name, partition, [record]);
  };
}
