import { readFileSync } from 'node:fs';
import { notReady } from '@interlock/commands';
import type { ReadModel } from '@interlock/read-model';
import { METRICS_REGISTRY, type Metrics, READINESS, type Readiness } from '@interlock/service';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { READ_MODEL } from '../gateway.tokens.js';
import { sendJson } from './send.js';

const description = readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8');

/** What anybody may ask, without identity. */
@Controller()
export class StatusController {
  constructor(
    @Inject(READINESS) private readonly readiness: Readiness,
    @Inject(READ_MODEL) private readonly readModel: ReadModel,
    @Inject(METRICS_REGISTRY) private readonly metrics: Metrics,
  ) {}

  @Get('healthz')
  health(@Res() reply: FastifyReply): void {
    sendJson(reply, 200, '{"status":"ok"}');
  }

  @Get('readyz')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const waiting = this.readiness.waitingFor().map(({ name, for: reason }) => `${name}: ${reason}`);
    const { blocked } = await this.readModel.status();
    const stopped = blocked.map(([input, reason]) => `${input} cannot be read: ${reason}`);
    if (waiting.length + stopped.length > 0)
      throw notReady(`Waiting for ${[...waiting, ...stopped].join('; ')}.`);
    sendJson(reply, 200, '{"status":"ready"}');
  }

  @Get('metrics')
  async show(@Res() reply: FastifyReply): Promise<void> {
    const text = await this.metrics.metrics();
    void reply.header('content-type', this.metrics.contentType).send(text);
  }

  @Get('openapi.json')
  describe(@Res() reply: FastifyReply): void {
    sendJson(reply, 200, description);
  }
}
