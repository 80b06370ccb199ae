import type { KeyFile } from '@interlock/authority';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { read } from '../http/request.schema.js';
import { sendJson } from '../http/send.js';
import { noQuery } from '../runs/run.requests.js';
import { EVIDENCE_KEYS } from './evidence.keys.js';

/** What an export is checked with. Anybody may ask. */
@Controller('v1/keys')
export class KeysController {
  constructor(@Inject(EVIDENCE_KEYS) private readonly keys: KeyFile) {}

  @Get()
  show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    read(noQuery, request.query, 'query');
    sendJson(reply, 200, JSON.stringify(this.keys.keySet()));
  }
}
