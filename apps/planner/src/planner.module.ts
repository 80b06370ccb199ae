import { inputFrom, type Runtime } from '@interlock/actors';
import { catalogueOf, planEvents, policyEvents, runEvents } from '@interlock/contracts';
import {
  ActorsModule,
  ARTIFACTS,
  CONFIGURATION,
  CONTROL,
  type Configuration,
  ConfigurationError,
  ControlModule,
  type ControlView,
  countRefusedEgress,
  LOG,
  type Log,
  METRICS_REGISTRY,
  type Metrics,
  RUNTIME,
  runFactOf,
  type ServiceSpec,
} from '@interlock/service';
import { Module } from '@nestjs/common';
import { egressTo } from './model/model.fetch.js';
import { openModelMetrics } from './model/model.metrics.js';
import { type Models, modelsOf } from './model/models.js';
import { planActor } from './plan.actor.js';
import { PlanRunner } from './plan.runner.js';
import type { PlanState } from './plan.state.js';
import { composer, type PublishedArtifacts } from './request/compose.js';

/** Asks models what policy allows to ask. Owns `plan.events`; reads verdicts in the policy service's own topic. */
@Module({
  imports: [
    ControlModule,
    ActorsModule.host<PlanState>({
      inject: [ARTIFACTS, RUNTIME, CONFIGURATION, LOG, CONTROL, METRICS_REGISTRY],
      spec: plannerSpec,
    }),
  ],
})
export class PlannerModule {}

export function plannerSpec(
  artifacts: PublishedArtifacts,
  { clock, scheduler }: Pick<Runtime, 'clock' | 'scheduler'>,
  configuration: Configuration,
  log: Pick<Log, 'info' | 'warn'>,
  control: Pick<ControlView, 'standing' | 'onChange'>,
  metrics: Metrics,
): ServiceSpec<PlanState> {
  const models = configuredModels(configuration);
  const count = countRefusedEgress(metrics);
  const egress = egressTo(models, (reason, place) => {
    count(reason);
    log.warn({ reason, place }, 'a request to a model was not made, or its answer not taken');
  });
  const runner = new PlanRunner({
    models,
    egress,
    stops: control,
    clock,
    scheduler,
    concurrencyMax: configuration.INTERLOCK_MODEL_CONCURRENCY,
    observe: openModelMetrics(),
    log: (message, facts) => log.info({ ...runFactOf(facts.planId), ...facts }, message),
  });
  return {
    service: 'planner',
    topic: planEvents.name,
    numbered: false,
    actor: planActor({
      compose: composer(models, artifacts),
      stops: control,
      clockSkewMs: configuration.clockSkewMs,
    }),
    events: catalogueOf(planEvents),
    readers: planEvents.readers,
    inputs: [runEvents, policyEvents].map(inputFrom),
    perform: runner.perform,
    wakes: control.onChange,
  };
}

/** @throws {ConfigurationError} a model is set and something that it needs is not */
export function configuredModels(configuration: Configuration): Models {
  const models = modelsOf(configuration, configuration.INTERLOCK_MODE === 'production');
  if ('problems' in models) throw new ConfigurationError(models.problems);
  return models;
}
