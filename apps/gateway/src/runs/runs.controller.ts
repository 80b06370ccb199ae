import { Problem, type RunCommander, type RunStarter } from '@interlock/commands';
import { parseDuration } from '@interlock/contracts';
import {
  isSettled,
  listRunsQuery,
  noQuery,
  runCommandBody,
  startRunBody,
  startRunQuery,
  stateQuery,
  stepsQuery,
} from '@interlock/contracts/http';
import { type KnownRun, type ReadModel, shownRun, unlessUnavailable } from '@interlock/read-model';
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ANSWERS, COMMANDER, FINDER, READ_MODEL, STARTER } from '../gateway.tokens.js';
import type { AnswerSlots } from '../http/answer.slots.js';
import { bearerOf, callerOf, subjectOf } from '../http/auth.hook.js';
import { reachOf, requireRole } from '../http/identity.js';
import { receivedOf } from '../http/received.js';
import { keyOf, read, readQuery } from '../http/request.schema.js';
import { sendJson } from '../http/send.js';
import { withChildWaits } from './child.waits.js';
import { filterIn } from './run.filter.js';
import { type RunFinder, unknownRun } from './run.finder.js';

@Controller('v1/runs')
export class RunsController {
  constructor(
    @Inject(STARTER) private readonly starter: RunStarter,
    @Inject(COMMANDER) private readonly commander: RunCommander,
    @Inject(FINDER) private readonly finder: RunFinder,
    @Inject(READ_MODEL) private readonly readModel: ReadModel,
    @Inject(ANSWERS) private readonly answers: AnswerSlots,
  ) {}

  @Post()
  async start(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const caller = callerOf(request);
    requireRole(caller, 'operator');
    const { wait } = readQuery(startRunQuery, request.query);
    const key = keyOf(request.headers);
    const body = read(startRunBody, request.body, 'body');
    const run = await this.starter.start(bearerOf(request), body, key, receivedOf(request, reply));
    const waitMs = wait === undefined ? undefined : parseDuration(wait);
    if (waitMs === undefined) return sendJson(reply, 202, run.body);
    const settled = await this.#settled(run, waitMs, reply);
    if (settled !== undefined) return sendJson(reply, 200, settled.body);
    sendJson(
      reply,
      202,
      ((await unlessUnavailable(this.finder.find(run.runId, reachOf(caller)))) ?? run).body,
    );
  }

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { filter, ...query } = readQuery(listRunsQuery, request.query);
    const asked = filter === undefined ? query : { ...query, filter: filterIn(filter) };
    await this.answers.take(reply.raw, subjectOf(callerOf(request)));
    sendJson(reply, 200, await this.readModel.list({ ...asked, reach: reachOf(callerOf(request)) }));
  }

  @Get(':runId')
  async show(
    @Param('runId') runId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    readQuery(noQuery, request.query);
    await this.answers.take(reply.raw, subjectOf(callerOf(request)));
    const run = await this.finder.find(runId, reachOf(callerOf(request)));
    sendJson(reply, 200, await withChildWaits(run, (child) => this.readModel.run(child)));
  }

  @Get(':runId/steps')
  async steps(
    @Param('runId') runId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { cursor, ...query } = readQuery(stepsQuery, request.query);
    await this.finder.find(runId, reachOf(callerOf(request)));
    await this.answers.take(reply.raw, subjectOf(callerOf(request)));
    const after = cursor === undefined ? {} : { after: Number(cursor) };
    const steps = await this.readModel.steps(runId, { ...query, ...after });
    if (steps === undefined) throw unknownRun(runId);
    sendJson(reply, 200, steps);
  }

  @Get(':runId/state')
  async state(
    @Param('runId') runId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { at } = readQuery(stateQuery, request.query);
    await this.finder.find(runId, reachOf(callerOf(request)));
    await this.answers.take(reply.raw, subjectOf(callerOf(request)));
    const state = await this.readModel.stateAt(runId, at);
    if (state === undefined) throw at === undefined ? notStarted(runId) : noEvent(runId, at);
    sendJson(reply, 200, state);
  }

  @Post(':runId/commands')
  async command(
    @Param('runId') runId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const caller = callerOf(request);
    readQuery(noQuery, request.query);
    const key = keyOf(request.headers);
    const body = read(runCommandBody, request.body, 'body');
    // A form and a question say themselves whose answers they take.
    if (body.type !== 'answer' && body.type !== 'reply') requireRole(caller, 'operator');
    const run = await unlessUnavailable(this.finder.find(runId, reachOf(caller)));
    const commandId =
      run === undefined
        ? await this.commander.commandUnseen(bearerOf(request), runId, body, key)
        : await this.commander.command(bearerOf(request), shownRun(run), body, key);
    sendJson(reply, 202, JSON.stringify({ commandId, runId }));
  }

  /** The run once it has ended or waits; undefined when that took too long or the caller has gone. */
  async #settled(
    run: KnownRun & { runId: string },
    waitMs: number,
    reply: FastifyReply,
  ): Promise<KnownRun | undefined> {
    if (isSettled(run.status)) return run;
    const gone = new AbortController();
    const leave = () => gone.abort();
    const timer = setTimeout(leave, waitMs);
    reply.raw.once('close', leave);
    if (reply.raw.destroyed) leave();
    try {
      return await unlessUnavailable(this.readModel.settled(run.runId, gone.signal));
    } finally {
      clearTimeout(timer);
      reply.raw.off('close', leave);
    }
  }
}

const notStarted = (runId: string): Problem =>
  new Problem(
    'unknown',
    `Run ${unquoted(runId)} has no event yet: it is accepted, and the orchestrator has not started it.`,
  );
const noEvent = (runId: string, seq: number): Problem =>
  new Problem('unknown', `Run ${unquoted(runId)} has no event ${seq} yet.`);
const unquoted = (runId: string): string => runId.slice(0, 100);
