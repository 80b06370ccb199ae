import { type MigrationPlanner, Problem } from '@interlock/commands';
import { migrationQuery } from '@interlock/contracts/http';
import { shownRun } from '@interlock/read-model';
import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ANSWERS, FINDER, MIGRATIONS } from '../gateway.tokens.js';
import type { AnswerSlots } from '../http/answer.slots.js';
import { callerOf, subjectOf } from '../http/auth.hook.js';
import { reachOf } from '../http/identity.js';
import { readQuery } from '../http/request.schema.js';
import { sendJson } from '../http/send.js';
import type { RunFinder } from './run.finder.js';

@Controller('v1/runs')
export class MigrationController {
  constructor(
    @Inject(FINDER) private readonly finder: RunFinder,
    @Inject(MIGRATIONS) private readonly planner: MigrationPlanner,
    @Inject(ANSWERS) private readonly answers: AnswerSlots,
  ) {}

  @Get(':runId/migration')
  async plan(
    @Param('runId') runId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { version, map } = readQuery(migrationQuery, request.query);
    const run = shownRun(await this.finder.find(runId, reachOf(callerOf(request))));
    await this.answers.take(reply.raw, subjectOf(callerOf(request)));
    const plan = await this.planner.plan(run, version, map);
    if (plan === undefined)
      throw new Problem('unknown', 'The run has no event yet: the orchestrator has not started it.');
    sendJson(reply, 200, JSON.stringify(plan));
  }
}
