import { type KillSwitch, Problem } from '@interlock/commands';
import { type Identity, instantText, lifters, type Stop } from '@interlock/contracts';
import {
  liftBody,
  liftVoteBody,
  noQuery,
  type Stop as ShownStop,
  stopBody,
  stopIdText,
} from '@interlock/contracts/http';
import { CONTROL, type ControlView } from '@interlock/service';
import { Controller, Delete, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { KILL_SWITCH } from '../gateway.tokens.js';
import { bearerOf, callerOf } from '../http/auth.hook.js';
import { read, readQuery } from '../http/request.schema.js';
import { sendJson } from '../http/send.js';
import { shownVote } from '../http/vote.view.js';

/** What is stopped. Who may stop and lift what is said by the registry. */
@Controller('v1/control/stops')
export class ControlController {
  constructor(
    @Inject(KILL_SWITCH) private readonly killSwitch: KillSwitch,
    @Inject(CONTROL) private readonly control: ControlView,
  ) {}

  /** Newest first; of lifted ones the newest 200. */
  @Get()
  list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const caller = callerOf(request);
    readQuery(noQuery, request.query);
    const items = this.control.state.stops.filter((stop) => concerns(stop, caller)).map(shown);
    sendJson(reply, 200, JSON.stringify({ items: items.reverse() }));
  }

  @Post()
  async stop(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    readQuery(noQuery, request.query);
    const stop = await this.killSwitch.stop(bearerOf(request), read(stopBody, request.body, 'body'));
    sendJson(reply, 202, JSON.stringify(shown(stop)));
  }

  @Delete(':stopId')
  async lift(
    @Param('stopId') stopId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    readQuery(noQuery, request.query);
    const body = read(liftBody, request.body ?? {}, 'body');
    const stop = await this.killSwitch.lift(bearerOf(request), known(stopId), body);
    sendJson(reply, 202, JSON.stringify(shown(stop)));
  }

  @Post(':stopId/votes')
  async vote(
    @Param('stopId') stopId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    readQuery(noQuery, request.query);
    const body = read(liftVoteBody, request.body, 'body');
    const stop = await this.killSwitch.vote(bearerOf(request), known(stopId), body);
    sendJson(reply, 202, JSON.stringify(shown(stop)));
  }
}

function known(stopId: string): string {
  if (stopIdText.safeParse(stopId).success) return stopId;
  throw new Problem('unknown', 'There is no such stop.');
}

/** A tenant sees what stops its runs: not which other tenant is stopped. */
const concerns = ({ scope }: Stop, { tenant = '*' }: Identity): boolean =>
  tenant === '*' || !('tenant' in scope) || scope.tenant === tenant;

function shown(stop: Stop): ShownStop {
  const { stopId, scope, compensations, reason, by, at, lifted, votes } = stop;
  const liftedBy = lifted?.liftedBy ?? lifters(stop).map((vote) => vote.by);
  return {
    stopId,
    scope,
    compensations,
    status: lifted !== undefined ? 'lifted' : liftedBy.length > 0 ? 'lifting' : 'in_force',
    reason,
    by: by.sub,
    stoppedAt: instantText(at),
    liftedBy: liftedBy.map(({ sub }) => sub),
    votes: votes.map(shownVote),
    ...(lifted !== undefined && { liftedAt: instantText(lifted.at) }),
  };
}
