import { Controller, Get, Header, Inject, Module, ServiceUnavailableException } from '@nestjs/common';
import { Registry } from 'prom-client';
import type { Metrics } from './metrics.js';
import type { Readiness } from './readiness.js';
import { METRICS_REGISTRY, READINESS } from './tokens.js';

/** Liveness, readiness and metrics of a service that runs in a process of its own. */
@Controller()
export class HealthController {
  constructor(
    @Inject(READINESS) private readonly readiness: Readiness,
    @Inject(METRICS_REGISTRY) private readonly registry: Metrics,
  ) {}

  @Get('healthz')
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  ready(): { status: 'ready' } {
    const waitingFor = this.readiness.waitingFor();
    if (waitingFor.length > 0) throw new ServiceUnavailableException({ status: 'waiting', waitingFor });
    return { status: 'ready' };
  }

  @Get('metrics')
  @Header('content-type', Registry.PROMETHEUS_CONTENT_TYPE)
  metrics(): Promise<string> {
    return this.registry.metrics();
  }
}

@Module({ controllers: [HealthController] })
export class HealthModule {}
