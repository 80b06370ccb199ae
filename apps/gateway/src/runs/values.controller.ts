import { refusedAs } from '@interlock/commands';
import { valueHash } from '@interlock/contracts';
import { shownRun } from '@interlock/read-model';
import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ANSWERS, FINDER, RUN_VALUES } from '../gateway.tokens.js';
import type { AnswerSlots } from '../http/answer.slots.js';
import { callerOf, subjectOf } from '../http/auth.hook.js';
import { reachOf } from '../http/identity.js';
import { read } from '../http/request.schema.js';
import type { RunFinder } from './run.finder.js';
import type { RunValues } from './run.values.js';

/** Who may read a run may read the values that its log names. */
@Controller('v1/runs/:runId/values')
export class ValuesController {
  constructor(
    @Inject(FINDER) private readonly finder: RunFinder,
    @Inject(RUN_VALUES) private readonly values: RunValues,
    @Inject(ANSWERS) private readonly answers: AnswerSlots,
  ) {}

  @Get(':hash')
  async value(
    @Param('runId') runId: string,
    @Param('hash') given: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const hash = read(valueHash, given, 'hash');
    const { rootRunId, erased } = shownRun(await this.finder.find(runId, reachOf(callerOf(request))));
    if (erased !== undefined)
      throw refusedAs('gone', 'value.erased', `The values of the run are erased, by order of ${erased.by}.`);
    await this.answers.take(reply.raw, subjectOf(callerOf(request)));
    const bytes = await this.values.read(rootRunId, hash);
    void reply
      .header('content-type', 'application/json; charset=utf-8')
      .header('etag', `"${hash}"`)
      .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }
}
