import { inputFrom } from '@interlock/actors';
import type { Secrets } from '@interlock/authority';
import type { Broker } from '@interlock/broker';
import {
  AnswerForm,
  approvalEvents,
  catalogueOf,
  planEvents,
  policyEvents,
  ReplyToQuestion,
  readersOf,
  runCheckpoints,
  runCommands,
  runEvents,
  runOrders,
  type ToolManifest,
  toolEvents,
  typesOf,
} from '@interlock/contracts';
import type { CompiledWorkflow } from '@interlock/language';
import { decodeState, encodeState, type RunState, runActor, type ValueSettings } from '@interlock/run';
import type { Schedules } from '@interlock/schedules';
import {
  ActorsModule,
  ARTIFACTS,
  type ArtifactView,
  agentSettingsOf,
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
  SECRETS,
  type ServiceSpec,
  VALUES,
} from '@interlock/service';
import {
  INLINE_BYTES_MAX,
  isErasureRequest,
  isValueRequest,
  performErasure,
  performValues,
  type Values,
} from '@interlock/values';
import { Module } from '@nestjs/common';
import { type Artifacts, bringLetters } from './bring.letter.js';
import { scheduleSpecOf } from './schedule.spec.js';
import { sweeping } from './sweep/sweeping.js';
import { topicJudge } from './topic.judge.js';
import { webhookJudge } from './webhook.judge.js';

const now = () => Date.now();

/** Drives every run, and starts what schedules have due. The only writer of `run.events`, `schedule.events` and `run.orders`. */
@Module({
  imports: [
    ControlModule,
    ActorsModule.host<RunState>({
      inject: [ARTIFACTS, CONFIGURATION, CONTROL, BROKER, SECRETS, VALUES, LOG, METRICS_REGISTRY],
      spec: sweptSpec,
    }),
    ActorsModule.host<Schedules>({
      inject: [ARTIFACTS, BROKER, RUNTIME, CONFIGURATION],
      spec: scheduleSpecOf,
    }),
  ],
})
export class OrchestratorModule {}

/** The service with what clears its store. */
function sweptSpec(
  artifacts: ArtifactView,
  configuration: Configuration,
  control: ControlView,
  broker: Broker,
  secrets: Secrets,
  values: Values | undefined,
  log: Log,
  metrics: Metrics,
): ServiceSpec<RunState> {
  const beside = sweeping({ values, broker, configuration, log, metrics });
  return { ...orchestratorSpec(artifacts, configuration, control, broker, secrets, values), beside };
}

export function orchestratorSpec(
  artifacts: Pick<ArtifactView, 'byHash' | 'get' | 'replacedAt' | 'onRead'>,
  configuration: Configuration,
  control: Pick<ControlView, 'isLifted' | 'onLifted'>,
  broker: Pick<Broker, 'readAt'>,
  secrets: Secrets,
  values?: Values,
): ServiceSpec<RunState> {
  const perform = performing(values, artifacts);
  return {
    service: 'orchestrator',
    topic: runEvents.name,
    witnesses: readersOf(runEvents),
    numbered: true,
    actor: runActor({
      workflow: (hash) => artifacts.byHash(hash),
      // Nothing but a workflow that the registry has compiled is published so.
      published: (name, version) =>
        artifacts.get('workflow', name, version)?.compiled as CompiledWorkflow | undefined,
      tool: (hash) => artifacts.byHash(hash)?.document as ToolManifest | undefined,
      agents: agentSettingsOf(configuration),
      values: values && valueSettingsOf(values),
      isLifted: (stop) => control.isLifted(stop),
      clockSkewMs: configuration.clockSkewMs,
      onExhausted: configuration.INTERLOCK_ON_EXHAUSTED,
      resumeWithinMs: configuration.INTERLOCK_RESUME_DAYS * 86_400_000,
      notAfterMs: configuration.INTERLOCK_START_WITHIN_MS,
    }),
    events: catalogueOf(runEvents),
    perform,
    wakes: (wake) => {
      const stops = [control.onLifted(wake), artifacts.onRead(wake)];
      return () => {
        for (const stop of stops) stop();
      };
    },
    cache: { topic: runCheckpoints.name, codec: { encode: encodeState, decode: decodeState } },
    commands: {
      topic: runCommands,
      role: 'operator',
      anyRole: typesOf(AnswerForm, ReplyToQuestion),
      webhooks: webhookJudge(artifacts, secrets, now),
      topics: topicJudge(artifacts, broker, now),
    },
    inputs: [runCommands, runOrders, policyEvents, toolEvents, planEvents, approvalEvents].map(inputFrom),
  };
}

/** What runs ask of the store, and what they tell each other. */
function performing(
  values: Values | undefined,
  artifacts: Artifacts,
): NonNullable<ServiceSpec<RunState>['perform']> {
  const [store, erasure, letters] = [performValues(values), performErasure(values), bringLetters(artifacts)];
  return (effect, ports) => {
    if (isValueRequest(effect)) return store(effect, ports);
    return (isErasureRequest(effect) ? erasure : letters)(effect, ports);
  };
}

/** One decision reads at most half of what this process holds, so that what it has asked for is there when it is made. */
const valueSettingsOf = ({ shelf, limits }: Values): ValueSettings => ({
  atHand: shelf,
  inlineBytesMax: INLINE_BYTES_MAX,
  valueBytesMax: limits.valueBytesMax,
  readBytesMax: limits.shelfBytesMax / 2,
  runBytesMax: limits.familyBytesMax,
});
