import { publishedKeys } from '@interlock/authority';
import { Problem } from '@interlock/commands';
import { noQuery } from '@interlock/contracts/http';
import { CONFIGURATION, type Configuration } from '@interlock/service';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readQuery } from '../http/request.schema.js';
import { sendJson } from '../http/send.js';

/** What an export is checked with, as the service that signs has published it. Anybody may ask; nobody has to believe it. */
@Controller('v1/keys')
export class KeysController {
  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  @Get()
  show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    readQuery(noQuery, request.query);
    const keys = publishedKeys(this.configuration.INTERLOCK_KEYS_DIR);
    if (keys === undefined) {
      throw new Problem(
        'unknown',
        'No keys are published in INTERLOCK_KEYS_DIR: ask /v1/keys of the audit service.',
      );
    }
    sendJson(reply, 200, JSON.stringify(keys));
  }
}
