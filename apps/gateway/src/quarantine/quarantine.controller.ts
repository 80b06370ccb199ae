import { Problem } from '@interlock/commands';
import { EVERY_TENANT, type Identity } from '@interlock/contracts';
import { noQuery, quarantinedIdText, quarantineQuery, redriveBody } from '@interlock/contracts/http';
import { type CommandAppender, LOG, type Log } from '@interlock/service';
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ANSWERS, APPENDER, QUARANTINE } from '../gateway.tokens.js';
import type { AnswerSlots } from '../http/answer.slots.js';
import { callerOf, subjectOf } from '../http/auth.hook.js';
import { requireRole } from '../http/identity.js';
import { read, readQuery } from '../http/request.schema.js';
import { sendJson } from '../http/send.js';
import { placeOf, type QuarantineReader } from './quarantine.reader.js';

/** What services could not handle. It may be anybody's, so it is for those who keep the installation. */
@Controller('v1/quarantine')
export class QuarantineController {
  constructor(
    @Inject(QUARANTINE) private readonly quarantine: QuarantineReader,
    @Inject(APPENDER) private readonly appender: CommandAppender,
    @Inject(ANSWERS) private readonly answers: AnswerSlots,
    @Inject(LOG) private readonly log: Log,
  ) {}

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    requireKeeper(callerOf(request));
    const { service, code, limit, cursor } = readQuery(quarantineQuery, request.query);
    await this.answers.take(reply.raw, subjectOf(callerOf(request)));
    const all = await this.quarantine.list({ service, code });
    const behind = cursor === undefined ? 0 : all.findIndex((one) => placeOf(one) === cursor) + 1;
    if (cursor !== undefined && behind === 0)
      throw new Problem('gone', 'The page before is not kept any more.');
    const items = all.slice(behind, behind + limit);
    const last = all.length > behind + limit ? items.at(-1) : undefined;
    sendJson(reply, 200, JSON.stringify({ items, ...(last && { next: placeOf(last) }) }));
  }

  @Post(':quarantinedId/redrive')
  async redrive(
    @Param('quarantinedId') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const caller = callerOf(request);
    requireKeeper(caller);
    readQuery(noQuery, request.query);
    const { reason } = read(redriveBody, request.body, 'body');
    const found = quarantinedIdText.safeParse(id).success ? await this.quarantine.find(id) : undefined;
    if (found === undefined) throw new Problem('unknown', 'There is no such message in quarantine.');
    const { record, shown } = found;
    if (record === undefined) throw new Problem('conflict', `It cannot be redriven: ${shown.because}.`);
    const { topic, partition } = shown;
    await this.appender.append(topic, partition, record);
    this.log.info({ id, topic, partition, by: caller.sub, reason }, 'a message was redriven from quarantine');
    sendJson(reply, 202, JSON.stringify({ id, topic, partition }));
  }
}

/** @throws {Problem} not-allowed */
function requireKeeper(caller: Identity): void {
  requireRole(caller, 'admin');
  if (caller.tenant !== undefined && caller.tenant !== EVERY_TENANT)
    throw new Problem('not-allowed', 'The quarantine is of the whole installation, and not of a tenant.');
}
