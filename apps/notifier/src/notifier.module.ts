import { inputFrom, type Runtime } from '@interlock/actors';
import type { Secrets } from '@interlock/authority';
import { catalogueOf, type NotificationHook, noticeEvents, runEvents } from '@interlock/contracts';
import { EgressGuard, entryOf } from '@interlock/egress';
import {
  ActorsModule,
  CONFIGURATION,
  type Configuration,
  countRefusedEgress,
  LOG,
  type Log,
  METRICS_REGISTRY,
  type Metrics,
  RUNTIME,
  SECRETS,
  type ServiceSpec,
  token,
} from '@interlock/service';
import { describeModules } from '@interlock/tools';
import { Global, Module } from '@nestjs/common';
import { Deliverer } from './deliverer.js';
import { countAttempts } from './delivery.metrics.js';
import { configuredHooks } from './hooks.js';
import { noticeActor, type Sending } from './notice.actor.js';
import type { FollowedRun } from './notice.state.js';

const HOOKS = token<readonly NotificationHook[]>('NotificationHooks');
const FIRST_DELAY_MS = 5_000;
const GIVE_UP_MS = 86_400_000;

@Global()
@Module({
  providers: [
    {
      provide: HOOKS,
      inject: [CONFIGURATION],
      useFactory: async ({ INTERLOCK_MODULES }: Configuration) =>
        (await describeModules(INTERLOCK_MODULES)).notifications,
    },
  ],
  exports: [HOOKS],
})
class HooksModule {}

/** Tells hooks of others what waits for people, and what has ended. Owns `notice.events`. */
@Module({
  imports: [
    HooksModule,
    ActorsModule.host<FollowedRun>({
      inject: [HOOKS, SECRETS, CONFIGURATION, RUNTIME, LOG, METRICS_REGISTRY],
      spec: notifierSpec,
    }),
  ],
})
export class NotifierModule {}

export function notifierSpec(
  hooks: readonly NotificationHook[],
  secrets: Secrets,
  configuration: Configuration,
  { clock }: Pick<Runtime, 'clock'>,
  log: Pick<Log, 'warn'>,
  metrics: Metrics,
): ServiceSpec<FollowedRun> {
  const configured = configuredHooks(hooks, secrets, configuration);
  const refused = countRefusedEgress(metrics);
  const egress = new EgressGuard({
    allow: configured.map(({ url, local }) => entryOf(new URL(url), { local })),
    refused: (reason, place) => {
      refused(reason);
      log.warn({ reason, place }, 'a notification was not sent, or led elsewhere');
    },
  });
  const count = countAttempts(metrics);
  const deliverer = new Deliverer(configured, egress, clock, (hook, attempt) => {
    count(hook, attempt);
    if (attempt.kind === 'failed')
      log.warn({ hook, because: attempt.because }, 'a notification did not arrive');
  });
  return {
    service: 'notifier',
    topic: noticeEvents.name,
    numbered: false,
    actor: noticeActor({ hooks, firstDelayMs: FIRST_DELAY_MS, giveUpMs: GIVE_UP_MS }),
    events: catalogueOf(noticeEvents),
    readers: noticeEvents.readers ?? [],
    inputs: [runEvents].map(inputFrom),
    perform: (effect, performing) => deliverer.deliver(effect.data as Sending, performing),
  };
}
