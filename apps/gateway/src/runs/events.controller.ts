import { Problem } from '@interlock/commands';
import { eventsQuery, lastEventId } from '@interlock/contracts/http';
import { type KnownRun, type ReadModel, type RunHeads, shownRun } from '@interlock/read-model';
import { LOG, type Log } from '@interlock/service';
import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ANSWERS, FINDER, HEADS, READ_MODEL, RUN_VALUES } from '../gateway.tokens.js';
import { accepted } from '../http/accepted.js';
import type { AnswerSlots } from '../http/answer.slots.js';
import { callerOf, subjectOf, writeDown } from '../http/auth.hook.js';
import { reachOf } from '../http/identity.js';
import { EVENT_STREAM_HEADERS } from '../http/open.reply.js';
import { OpenStreams } from '../http/open-streams.js';
import { read, readQuery, valueIn } from '../http/request.schema.js';
import { sendJson } from '../http/send.js';
import { firstPage, streamEvents } from './event.stream.js';
import type { RunFinder } from './run.finder.js';
import { unknownRun } from './run.finder.js';
import type { RunValues } from './run.values.js';
import { sendExport } from './send.export.js';

/** Exports under way: each holds a page in memory, whether or not it is read. */
const EXPORTS_OF_ONE_MAX = 50;
const EXPORTS_MAX = 200;

/** How long another gateway's events are waited for. */
const REACHED_MS = 1_000;

const forms = new Map([
  ['application/x-ndjson', 'export'],
  ['text/event-stream', 'stream'],
  ['application/json', 'json'],
] as const);

@Controller('v1/runs/:runId/events')
export class EventsController {
  readonly #streams = new OpenStreams();
  readonly #exports = new OpenStreams(EXPORTS_OF_ONE_MAX, EXPORTS_MAX);

  constructor(
    @Inject(FINDER) private readonly finder: RunFinder,
    @Inject(READ_MODEL) private readonly readModel: ReadModel,
    @Inject(HEADS) private readonly heads: RunHeads,
    @Inject(LOG) private readonly log: Log,
    @Inject(ANSWERS) private readonly answers: AnswerSlots,
    @Inject(RUN_VALUES) private readonly values: RunValues,
  ) {}

  @Get()
  async events(
    @Param('runId') runId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { limit, cursor = 0 } = readQuery(eventsQuery, request.query);
    const seen = request.headers['last-event-id'];
    const after =
      seen === undefined || seen === ''
        ? Number(cursor)
        : read(lastEventId, valueIn(lastEventId, seen), 'Last-Event-ID');
    const run = await this.finder.find(runId, reachOf(callerOf(request)));
    switch (accepted(request.headers.accept, forms) ?? 'json') {
      case 'json':
        await this.answers.take(reply.raw, subjectOf(callerOf(request)));
        return sendJson(reply, 200, await this.#page(runId, after, limit));
      case 'export':
        this.#exports.enter(reply.raw, subjectOf(callerOf(request)));
        return sendExport(
          reply,
          { readModel: this.readModel, heads: this.heads, log: this.log, values: this.values },
          shownRun(run),
        );
      case 'stream': {
        // Nothing of a stream is in its head, and who asks for that alone would wait for ever.
        if (request.method === 'HEAD') return void reply.headers(EVENT_STREAM_HEADERS).send('');
        await this.#requireReached(runId, run, after);
        const first = await firstPage(this.readModel, runId, after);
        this.#streams.enter(reply.raw, subjectOf(callerOf(request)));
        const streaming = streamEvents(reply, this.readModel, runId, after, first);
        writeDown(request);
        return streaming;
      }
    }
  }

  /**
   * A gateway may be a little behind the one that sent the event. An id that no gateway can have sent is refused: it would be waited for
   * without end.
   */
  async #requireReached(runId: string, before: KnownRun, after: number): Promise<void> {
    if (after <= before.lastSeq) return;
    await this.readModel.grown(runId, after - 1, AbortSignal.timeout(REACHED_MS));
    const { lastSeq } = (await this.readModel.run(runId)) ?? before;
    if (after > lastSeq)
      throw new Problem(
        'conflict',
        `The run has ${lastSeq} events: there is no event ${after} to go on behind.`,
      );
  }

  async #page(runId: string, after: number, limit: number): Promise<string> {
    const page = await this.readModel.events(runId, after, limit, 'view');
    if (page === undefined) throw unknownRun(runId);
    const last = page.items.at(-1);
    const next = page.more && last !== undefined ? `,"next":"${last.seq}"` : '';
    return `{"items":[${page.items.map(({ json }) => json).join(',')}]${next}}`;
  }
}
