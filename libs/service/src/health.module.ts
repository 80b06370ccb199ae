import { Controller, Get, Inject, Module, ServiceUnavailableException } from '@nestjs/common';
import type { Readiness } from './readiness.js';
import { READINESS } from './tokens.js';

/** Liveness and readiness of a service that runs in a process of its own. */
@Controller()
export class HealthController {
  constructor(@Inject(READINESS) private readonly readiness: Readiness) {}

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
}

@Module({ controllers: [HealthController] })
export class HealthModule {}
