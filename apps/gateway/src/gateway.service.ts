import type { Configuration, Log, Service } from '@interlock/service';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { GatewayLifecycle } from './gateway.lifecycle.js';
import { GatewayModule } from './gateway.module.js';
import { LIFECYCLE, METRICS } from './gateway.tokens.js';
import { useDoor } from './http/door.js';
import { GatewayAdapter } from './http/gateway.adapter.js';
import { ProblemFilter } from './http/problem.filter.js';
import { type Rate, RateLimiter } from './http/rate-limiter.js';

/** Of one identity. Wide enough for a benchmark from one machine, narrow enough to keep a runaway script from filling the log. */
const RATE: Rate = { perSecond: 5_000, burst: 10_000 };

/** Gives the application our body rules, identities and problem details; before `listen`. */
export function useGatewayHttp(
  app: NestFastifyApplication,
  { INTERLOCK_MODE }: Configuration,
  log: Log,
  rate: Rate = RATE,
): void {
  const lifecycle = app.get<GatewayLifecycle>(LIFECYCLE);
  app.useGlobalFilters(new ProblemFilter(log));
  useDoor(app.getHttpAdapter().getInstance(), {
    mode: INTERLOCK_MODE,
    limiter: new RateLimiter(rate),
    metrics: app.get(METRICS),
    closedBy: () => lifecycle.closedBy(),
  });
}

/** Serves HTTP where the configuration says. */
export async function listenForHttp(
  app: NestFastifyApplication,
  configuration: Configuration,
  log: Log,
): Promise<void> {
  useGatewayHttp(app, configuration, log);
  await app.listen(configuration.INTERLOCK_PORT, configuration.INTERLOCK_HOST);
  log.info({ url: await app.getUrl() }, 'requests are served');
}

/** The gateway as a process of its own; one process for everything takes its parts. */
export const gatewayService: Service = {
  name: 'gateway',
  modules: () => [GatewayModule],
  adapter: () => new GatewayAdapter(),
  listen: listenForHttp,
};
