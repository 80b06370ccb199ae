import { feedPosition, feedQuery } from '@interlock/contracts/http';
import { type BeforeApplicationShutdown, Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ANSWERS, FEED } from '../gateway.tokens.js';
import { accepted } from '../http/accepted.js';
import type { AnswerSlots } from '../http/answer.slots.js';
import { callerOf, subjectOf, writeDown } from '../http/auth.hook.js';
import { reachOf } from '../http/identity.js';
import { OpenStreams } from '../http/open-streams.js';
import { read, readQuery } from '../http/request.schema.js';
import { sendJson } from '../http/send.js';
import type { FeedOpener } from './feed.opener.js';
import { feedPageJson } from './feed.page.js';
import { eventStreamForm, type FeedForm, linesForm, sendFeed } from './feed.stream.js';

/** Each takes every event of every run, and has it made ready for itself. */
const STREAMS_OF_ONE_MAX = 10;
const STREAMS_MAX = 100;

const forms = new Map<string, FeedForm | 'page'>([
  ['application/x-ndjson', linesForm],
  ['text/event-stream', eventStreamForm],
  ['application/json', 'page'],
]);

@Controller('v1/events')
export class FeedController implements BeforeApplicationShutdown {
  readonly #streams = new OpenStreams(STREAMS_OF_ONE_MAX, STREAMS_MAX);
  readonly #stopping = new AbortController();
  readonly #sending = new Set<Promise<void>>();

  constructor(
    @Inject(FEED) private readonly opener: FeedOpener,
    @Inject(ANSWERS) private readonly answers: AnswerSlots,
  ) {}

  @Get()
  async events(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { from, limit, follow } = readQuery(feedQuery, request.query);
    const seen = request.headers['last-event-id'];
    const position = seen === undefined || seen === '' ? from : read(feedPosition, seen, 'Last-Event-ID');
    const caller = callerOf(request);
    const reach = reachOf(caller);
    const form = accepted(request.headers.accept, forms) ?? 'page';
    if (form === 'page') {
      await this.answers.take(reply.raw, subjectOf(caller));
      return sendJson(reply, 200, await feedPageJson(await this.opener.open(position, reach), limit));
    }
    if (request.method === 'HEAD') return void reply.headers(form.headers).send('');
    const feed = await this.opener.open(position, reach);
    this.#streams.enter(reply.raw, subjectOf(caller));
    const follows = follow || form === eventStreamForm;
    const { tail } = this.opener;
    const sending = sendFeed(reply, { feed, tail, form, follows, stopping: this.#stopping.signal });
    writeDown(request);
    this.#sending.add(sending);
    return sending.finally(() => this.#sending.delete(sending));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#sending);
  }
}
