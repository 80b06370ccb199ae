import { type BulkCommander, commandIdOf, Problem } from '@interlock/commands';
import { instantText } from '@interlock/contracts';
import {
  type BulkShown,
  type BulkSummary,
  bulkBody,
  bulkIdText,
  bulkQuery,
  bulkResults,
  noQuery,
} from '@interlock/contracts/http';
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ANSWERS, BULK_COMMANDER, BULK_RESULTS, BULKS } from '../gateway.tokens.js';
import type { AnswerSlots } from '../http/answer.slots.js';
import { bearerOf, callerOf, subjectOf } from '../http/auth.hook.js';
import { reaches, reachOf, requireRole } from '../http/identity.js';
import { keyOf, read, readQuery } from '../http/request.schema.js';
import { sendJson } from '../http/send.js';
import { filterIn } from '../runs/run.filter.js';
import type { BulkResults } from './bulk.results.js';
import type { BulkView, KnownBulk } from './bulk.view.js';

/** Tells many runs the same. */
@Controller('v1/bulk')
export class BulkController {
  constructor(
    @Inject(BULKS) private readonly bulks: BulkView,
    @Inject(BULK_COMMANDER) private readonly commander: BulkCommander,
    @Inject(BULK_RESULTS) private readonly results: BulkResults,
    @Inject(ANSWERS) private readonly answers: AnswerSlots,
  ) {}

  @Post()
  async order(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const caller = callerOf(request);
    requireRole(caller, 'operator');
    readQuery(noQuery, request.query);
    const key = keyOf(request.headers);
    const body = read(bulkBody, request.body, 'body');
    const predicate = filterIn(body.filter);
    const commandId = commandIdOf(caller, 'bulk', { chosen: body.commandId, key });
    await this.answers.take(reply.raw, subjectOf(caller));
    const answer = await this.commander.order(
      bearerOf(request),
      reachOf(caller),
      { ...body, commandId },
      predicate,
    );
    sendJson(reply, 202, JSON.stringify(answer));
  }

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readQuery(noQuery, request.query);
    const caller = callerOf(request);
    const reach = reachOf(caller);
    await this.answers.take(reply.raw, subjectOf(caller));
    const readable = this.bulks.all().filter(({ ordered }) => reaches(reach, ordered.tenant ?? ''));
    sendJson(reply, 200, JSON.stringify({ items: readable.map(summaryOf) }));
  }

  @Get(':bulkId')
  async show(
    @Param('bulkId') bulkId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const caller = callerOf(request);
    const { result, limit, cursor } = readQuery(bulkQuery, request.query);
    const known = bulkIdText.safeParse(bulkId).success ? this.bulks.find(bulkId) : undefined;
    if (known === undefined || !reaches(reachOf(caller), known.ordered.tenant ?? ''))
      throw new Problem('unknown', 'There is no such bulk order, or it is not among the latest ones.');
    if (known.runs === undefined)
      throw new Problem(
        'gone',
        `It has told ${known.matched} runs. Which ones is remembered of the latest orders alone: what a run answered is in its own events.`,
      );
    await this.answers.take(reply.raw, subjectOf(caller));
    const all = await this.results.of(bulkId, known.runs);
    const from = Number(cursor ?? 0);
    const fitting = all.flatMap((item, at) =>
      at >= from && (result === undefined || item.result === result) ? [{ item, at }] : [],
    );
    const page = fitting.slice(0, limit);
    const last = fitting.length > page.length ? page.at(-1) : undefined;
    const counts = Object.fromEntries(
      bulkResults.map((one) => [one, all.filter((item) => item.result === one).length]),
    ) as BulkShown['counts'];
    const shown: BulkShown = {
      ...summaryOf(known),
      counts,
      items: page.map(({ item }) => item),
      ...(last && { next: String(last.at + 1) }),
    };
    sendJson(reply, 200, JSON.stringify(shown));
  }
}

const COMMAND = /^run\.(\w+)\//;

const summaryOf = ({ ordered, matched, isGiven }: KnownBulk): BulkSummary => ({
  bulkId: ordered.bulkId,
  ...(ordered.tenant !== undefined && { tenant: ordered.tenant }),
  by: ordered.by.sub,
  at: instantText(ordered.at),
  filter: ordered.filter,
  reason: ordered.reason,
  command: COMMAND.exec(ordered.command.wire)?.[1] ?? ordered.command.wire,
  matched,
  given: isGiven,
});
