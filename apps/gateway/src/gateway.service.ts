import { type Published, publishedIn, publishedSentence } from '@interlock/commands';
import {
  ARTIFACTS,
  type ArtifactView,
  type Configuration,
  type Log,
  type Service,
  tellAddress,
  tokenVerifier,
} from '@interlock/service';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { GatewayLifecycle } from './gateway.lifecycle.js';
import { GatewayModule } from './gateway.module.js';
import { ACCESS, LIFECYCLE, METRICS } from './gateway.tokens.js';
import { useAuthHook } from './http/auth.hook.js';
import { GatewayAdapter } from './http/gateway.adapter.js';
import { ProblemFilter } from './http/problem.filter.js';
import { RateLimiter } from './http/rate-limiter.js';

/** Gives the application our body rules, identities, limits and problem details; before `listen`. */
export function useGatewayHttp(app: NestFastifyApplication, configuration: Configuration, log: Log): void {
  const { INTERLOCK_RATE_READS, INTERLOCK_RATE_WRITES } = configuration;
  const lifecycle = app.get<GatewayLifecycle>(LIFECYCLE);
  app.useGlobalFilters(new ProblemFilter(log));
  useAuthHook(app.getHttpAdapter().getInstance(), {
    tokens: tokenVerifier(configuration, log),
    limits: { reads: limiterOf(INTERLOCK_RATE_READS), writes: limiterOf(INTERLOCK_RATE_WRITES) },
    metrics: app.get(METRICS),
    access: app.get(ACCESS),
    closedBy: () => lifecycle.closedBy(),
  });
}

/** Twice a second's share may come at once after a pause. */
const limiterOf = (perSecond: number): RateLimiter => new RateLimiter({ perSecond, burst: 2 * perSecond });

/** Serves HTTP where the configuration says. */
export async function listenForHttp(
  app: NestFastifyApplication,
  configuration: Configuration,
  log: Log,
): Promise<void> {
  useGatewayHttp(app, configuration, log);
  await app.listen(configuration.INTERLOCK_PORT, configuration.INTERLOCK_HOST);
  await tellAddress(app, log, 'requests are served');
}

/** What is published and in force once modules are published. */
export async function publishedAtStart(app: NestFastifyApplication): Promise<Published> {
  await app.get<GatewayLifecycle>(LIFECYCLE).whenPublished();
  return publishedIn(app.get<ArtifactView>(ARTIFACTS));
}

/** The gateway as a process of its own; one process for everything takes its parts. */
export const gatewayService: Service = {
  name: 'gateway',
  modules(configuration) {
    tokenVerifier(configuration, { warn: () => undefined }); // Wrong settings end the start before anything is opened.
    return [GatewayModule];
  },
  adapter: () => new GatewayAdapter(),
  async listen(app, configuration, log) {
    await listenForHttp(app, configuration, log);
    const published = await publishedAtStart(app);
    log.info(published, publishedSentence(published));
  },
};
