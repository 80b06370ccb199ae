import type { VoteCaster } from '@interlock/commands';
import { listApprovalsQuery, noQuery, voteBody } from '@interlock/contracts/http';
import { approvalView, type ReadModel } from '@interlock/read-model';
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ANSWERS, APPROVAL_FINDER, READ_MODEL, VOTE_CASTER } from '../gateway.tokens.js';
import type { AnswerSlots } from '../http/answer.slots.js';
import { bearerOf, callerOf, subjectOf } from '../http/auth.hook.js';
import { reachOf } from '../http/identity.js';
import { keyOf, read, readQuery } from '../http/request.schema.js';
import { sendJson } from '../http/send.js';
import type { ApprovalFinder } from './approval.finder.js';

@Controller('v1/approvals')
export class ApprovalsController {
  constructor(
    @Inject(APPROVAL_FINDER) private readonly finder: ApprovalFinder,
    @Inject(READ_MODEL) private readonly readModel: ReadModel,
    @Inject(ANSWERS) private readonly answers: AnswerSlots,
    @Inject(VOTE_CASTER) private readonly caster: VoteCaster,
  ) {}

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const query = readQuery(listApprovalsQuery, request.query);
    await this.answers.take(reply.raw, subjectOf(callerOf(request)));
    sendJson(reply, 200, await this.readModel.approvals({ ...query, reach: reachOf(callerOf(request)) }));
  }

  @Get(':approvalId')
  async show(
    @Param('approvalId') approvalId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    readQuery(noQuery, request.query);
    const { approval } = await this.finder.find(approvalId, reachOf(callerOf(request)));
    sendJson(reply, 200, JSON.stringify(approvalView(approval)));
  }

  /** Needs no role of the gateway: the approval says who may vote. */
  @Post(':approvalId/votes')
  async vote(
    @Param('approvalId') approvalId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const bearer = bearerOf(request);
    readQuery(noQuery, request.query);
    const key = keyOf(request.headers);
    const body = read(voteBody, request.body, 'body');
    const approval = await this.caster.cast(
      bearer,
      await this.finder.find(approvalId, reachOf(bearer.by)),
      body,
      key,
    );
    sendJson(reply, 202, JSON.stringify(approvalView(approval)));
  }
}
