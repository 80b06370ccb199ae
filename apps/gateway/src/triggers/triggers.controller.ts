import { webhookHeaders } from '@interlock/authority';
import { Problem, type TriggerFirer } from '@interlock/commands';
import { noQuery, triggerNameText } from '@interlock/contracts/http';
import { Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TRIGGER_FIRER } from '../gateway.tokens.js';
import { actsFor } from '../http/auth.hook.js';
import { rawBodyOf } from '../http/body.parser.js';
import { readQuery } from '../http/request.schema.js';
import { sendJson } from '../http/send.js';

/** Where other systems tell of events. They bear no token: each request is signed. */
@Controller('v1/triggers')
export class TriggersController {
  constructor(@Inject(TRIGGER_FIRER) private readonly firer: TriggerFirer) {}

  @Post(':name')
  async fire(
    @Param('name') name: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    readQuery(noQuery, request.query);
    if (!triggerNameText.safeParse(name).success) throw new Problem('unknown', 'There is no such trigger.');
    const signed = {
      id: headerOf(request, webhookHeaders.id),
      timestamp: headerOf(request, webhookHeaders.timestamp),
      signature: headerOf(request, webhookHeaders.signature),
      body: rawBodyOf(request),
    };
    const fired = await this.firer.fire(name, signed, request.body, (by) => actsFor(request, by));
    sendJson(reply, 202, JSON.stringify(fired));
  }
}

/** @throws {Problem} no-identity */
function headerOf({ headers }: FastifyRequest, name: string): string {
  const text = headers[name];
  if (typeof text === 'string' && /^[\x21-\x7e](?:[\x20-\x7e]{0,998}[\x21-\x7e])?$/.test(text)) return text;
  throw new Problem(
    'no-identity',
    `Sign the request: it needs the headers ${Object.values(webhookHeaders).join(', ')}.`,
  );
}
