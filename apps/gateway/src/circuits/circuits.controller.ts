import { noQuery } from '@interlock/contracts/http';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ANSWERS, CIRCUITS } from '../gateway.tokens.js';
import type { AnswerSlots } from '../http/answer.slots.js';
import { callerOf, subjectOf } from '../http/auth.hook.js';
import { readQuery } from '../http/request.schema.js';
import { sendJson } from '../http/send.js';
import type { CircuitReader } from './circuit.reader.js';

/** Which tools' targets are away: it is nobody's secret. */
@Controller('v1/circuits')
export class CircuitsController {
  constructor(
    @Inject(CIRCUITS) private readonly circuits: CircuitReader,
    @Inject(ANSWERS) private readonly answers: AnswerSlots,
  ) {}

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readQuery(noQuery, request.query);
    await this.answers.take(reply.raw, subjectOf(callerOf(request)));
    sendJson(reply, 200, JSON.stringify({ items: await this.circuits.open() }));
  }
}
