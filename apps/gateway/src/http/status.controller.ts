import { readFileSync } from 'node:fs';
import { READINESS, type Readiness } from '@interlock/service';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { METRICS, READ_MODEL } from '../gateway.tokens.js';
import type { ReadModel, ReadModelStatus } from '../read-model/read-model.js';
import { notReady } from './problem.js';
import { processSamples, prometheusText, type RequestMetrics, type Sample } from './request.metrics.js';
import { sendJson } from './send.js';

const description = readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8');

/** What anybody may ask, without identity. */
@Controller()
export class StatusController {
  constructor(
    @Inject(READINESS) private readonly readiness: Readiness,
    @Inject(READ_MODEL) private readonly readModel: ReadModel,
    @Inject(METRICS) private readonly metrics: RequestMetrics,
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
    const samples = [
      ...processSamples(),
      ...this.metrics.samples(),
      ...readModelSamples(await this.readModel.status()),
    ];
    void reply
      .header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
      .send(prometheusText(samples));
  }

  @Get('openapi.json')
  describe(@Res() reply: FastifyReply): void {
    sendJson(reply, 200, description);
  }
}

function readModelSamples({ applied, resident, blocked }: ReadModelStatus): Sample[] {
  return [
    {
      name: 'interlock_projection_records_total',
      type: 'counter',
      help: 'Records applied to the read model since the start',
      values: [{ value: applied }],
    },
    {
      name: 'interlock_projection_resident_runs',
      type: 'gauge',
      help: 'Runs whose state is in memory',
      values: [{ value: resident }],
    },
    {
      name: 'interlock_projection_blocked_partitions',
      type: 'gauge',
      help: 'Partitions that cannot be read',
      values: [{ value: blocked.length }],
    },
  ];
}
