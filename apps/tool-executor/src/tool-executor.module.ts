import { randomUUID } from 'node:crypto';
import { inputFrom, type Runtime } from '@interlock/actors';
import { type Broker, type Producer, RenewingProducer } from '@interlock/broker';
import {
  approvalEvents,
  type Clock,
  catalogueOf,
  errorText,
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
  CONTROL,
  type Configuration,
  ControlModule,
  type ControlView,
  LOG,
  type Log,
  METRICS_REGISTRY,
  type Metrics,
  RUNTIME,
  type ServiceSpec,
  VALUES,
} from '@interlock/service';
import { type DescribedTool, describeModules } from '@interlock/tools';
import type { Values } from '@interlock/values';
import {
  Global,
  Inject,
  Injectable,
  Module,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { callActor } from './call.actor.js';
import { type CallResult, type CallWaiting, handoverOf } from './call.effect.js';
import type { CallState } from './call.state.js';
import { circuitObserver } from './circuit/circuit.observer.js';
import { CircuitTeller } from './circuit/circuit.teller.js';
import { type Circuits, ProcessCircuits } from './circuit/circuits.js';
import { withoutCompensation } from './compensation.js';
import { EffectRunner } from './effect-runner.js';
import type { OutputKeeper } from './kept.output.js';
import { stillKept } from './kept.output.js';
import { poolObserver } from './pool/pool.observer.js';
import { ProcessWorkplace } from './pool/process.workplace.js';
import { type PinnedTool, toolSetOf } from './tool-set.js';
import type { ArgumentsLoader } from './whole.arguments.js';
import type { Workplace } from './workplace.js';

const TOOLS = Symbol('DescribedTools');
const WORKPLACE = Symbol('Workplace');
const CIRCUITS = Symbol('Circuits');
const TELLER = Symbol('CircuitTeller');
const LATE_MAX_MS = 60_000;
const HANDOVER_TRIES = 3;
const CHILD_START_MS = 15_000;

/** At a stop: what waits for a place is told at once, what runs may end, and then the children go. */
@Injectable()
class WorkplaceLifecycle implements OnModuleDestroy, OnApplicationShutdown {
  constructor(
    @Inject(WORKPLACE) private readonly workplace: ProcessWorkplace,
    @Inject(CIRCUITS) private readonly circuits: ProcessCircuits,
    @Inject(TELLER) private readonly teller: CircuitTeller,
  ) {}

  onModuleDestroy(): void {
    this.workplace.drain();
    this.circuits.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    this.workplace.close();
    await this.teller.stop();
  }
}

/** The tools that this executor's modules bring, and the processes that run their code. Global, because the host's module injects them. */
@Global()
@Module({
  providers: [
    {
      provide: TOOLS,
      inject: [CONFIGURATION, LOG],
      useFactory: async ({ INTERLOCK_MODULES }: Configuration, log: Pick<Log, 'warn'>) => {
        const { tools } = await describeModules(INTERLOCK_MODULES);
        for (const missing of withoutCompensation(tools))
          log.warn(
            missing,
            `${missing.tool} is undone by ${missing.compensatedBy}, which no module here brings`,
          );
        return tools;
      },
    },
    {
      provide: WORKPLACE,
      inject: [TOOLS, CONFIGURATION, LOG, METRICS_REGISTRY, VALUES],
      useFactory: (
        tools: readonly DescribedTool[],
        { INTERLOCK_TOOL_CHILDREN, INTERLOCK_TOOL_MEMORY_MB }: Configuration,
        log: Log,
        metrics: Metrics,
        values: Values | undefined,
      ) =>
        new ProcessWorkplace(tools, {
          size: INTERLOCK_TOOL_CHILDREN,
          memoryMb: INTERLOCK_TOOL_MEMORY_MB,
          startMs: CHILD_START_MS,
          outputBytesMax: values?.limits.valueBytesMax,
          observer: poolObserver(tools, log, metrics),
        }),
    },
    {
      provide: TELLER,
      inject: [BROKER, RUNTIME, LOG],
      useFactory: (broker: Broker, { clock, scheduler }: Runtime, log: Log) =>
        new CircuitTeller({
          clock,
          scheduler,
          producer: new RenewingProducer(broker, HANDOVER_TRIES),
          process: randomUUID(),
          failed: (error) => log.warn({ error: errorText(error) }, 'a circuit could not be told of'),
        }),
    },
    {
      provide: CIRCUITS,
      inject: [RUNTIME, CONFIGURATION, LOG, METRICS_REGISTRY, TELLER],
      useFactory: (
        { clock, scheduler }: Runtime,
        { INTERLOCK_CIRCUIT_FAILURES: failures, INTERLOCK_CIRCUIT_PROBE_MS: probeMs }: Configuration,
        log: Log,
        metrics: Metrics,
        teller: CircuitTeller,
      ) => {
        const observe = circuitObserver(log, metrics);
        return new ProcessCircuits({
          failures,
          probeMs,
          clock,
          scheduler,
          changed(circuit) {
            observe(circuit);
            teller.tell(circuit);
          },
        });
      },
    },
    WorkplaceLifecycle,
  ],
  exports: [TOOLS, WORKPLACE, CIRCUITS],
})
class ToolsModule {}

/** Performs what policy allows. Owns `tool.events`; reads verdicts in the policy service's own topic. */
@Module({
  imports: [
    ToolsModule,
    ControlModule,
    ActorsModule.host<CallState>({
      inject: [TOOLS, WORKPLACE, BROKER, RUNTIME, CONFIGURATION, CONTROL, CIRCUITS, VALUES],
      spec: toolExecutorSpec,
    }),
  ],
})
export class ToolExecutorModule {}

export function toolExecutorSpec(
  pinned: readonly PinnedTool[],
  workplace: Workplace,
  broker: Broker,
  { clock, scheduler }: Pick<Runtime, 'clock' | 'scheduler'>,
  { clockSkewMs }: Pick<Configuration, 'clockSkewMs'>,
  control: Pick<ControlView, 'standing' | 'onChange'>,
  circuits: Pick<ProcessCircuits, keyof Circuits | 'onChange'>,
  values?: OutputKeeper & ArgumentsLoader,
): ServiceSpec<CallState> {
  const tools = toolSetOf(pinned);
  const runner = new EffectRunner({
    tools,
    workplace,
    stops: control,
    circuits,
    clock,
    scheduler,
    values,
    lateMaxMs: LATE_MAX_MS,
  });
  return {
    service: 'tool-executor',
    topic: toolEvents.name,
    numbered: false,
    actor: callActor({ tools, stops: control, circuits, clockSkewMs }),
    events: catalogueOf(toolEvents),
    readers: toolEvents.readers,
    inputs: [runEvents, policyEvents, approvalEvents, toolHandover].map(inputFrom),
    perform: runner.perform,
    wakes(wake) {
      const stops = [control.onChange(wake), circuits.onChange(wake)];
      return () => {
        for (const stop of stops) stop();
      };
    },
    handOver: handOverTo(new RenewingProducer(broker, HANDOVER_TRIES), clock),
  };
}

const handovers = catalogueOf(toolHandover);

/** Sends what a host that let go still came to know to whoever holds the partition now. */
function handOverTo(producer: Producer, clock: Clock): NonNullable<ServiceSpec<CallState>['handOver']> {
  return async (partition, runId, requestId, result) => {
    const known = result as CallResult | CallWaiting;
    const told = 'waitsFor' in known ? known : stillKept(known, clock.now());
    const handover = handoverOf(runId, requestId, told);
    if (handover === undefined) return;
    const meta = { id: `${requestId}/handover`, run: runId, time: clock.now() };
    const data = handovers.recorded(handover.type, handover.data);
    const record = plainRecord(runId, HandOverOutcome.wire, meta, data);
    await producer.append(toolHandover.name, partition, [record]);
  };
}
