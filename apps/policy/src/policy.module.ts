import { inputFrom, type Runtime } from '@interlock/actors';
import { checkActor, type FollowedRun, type PublishedArtifacts, Verdicts } from '@interlock/checks';
import { approvalEvents, catalogueOf, policyEvents, runEvents } from '@interlock/contracts';
import {
  ActorsModule,
  ARTIFACTS,
  LOG,
  type Log,
  METRICS_REGISTRY,
  type Metrics,
  READINESS,
  type Readiness,
  RUNTIME,
  type ServiceSpec,
  VALUES,
} from '@interlock/service';
import { performValues, type Values } from '@interlock/values';
import { Module } from '@nestjs/common';
import { EngineWatch, watchEngine } from './engine.watch.js';

/** Answers every check with the active bundle. The only writer of `policy.events`. */
@Module({
  imports: [ActorsModule.host<FollowedRun>({ inject: [ARTIFACTS, VALUES], spec: policySpec })],
  providers: [
    {
      provide: EngineWatch,
      inject: [RUNTIME, READINESS, METRICS_REGISTRY, LOG],
      useFactory: ({ clock }: Runtime, readiness: Readiness, metrics: Metrics, log: Log) =>
        watchEngine(clock, readiness, metrics, log),
    },
  ],
})
export class PolicyModule {}

export function policySpec(artifacts: PublishedArtifacts, values?: Values): ServiceSpec<FollowedRun> {
  return {
    service: 'policy',
    topic: policyEvents.name,
    numbered: false,
    actor: checkActor(new Verdicts(artifacts), values?.shelf),
    perform: performValues(values),
    events: catalogueOf(policyEvents),
    readers: policyEvents.readers,
    inputs: [runEvents, approvalEvents].map(inputFrom),
  };
}
