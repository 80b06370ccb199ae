import { type PolicyActivator, Problem } from '@interlock/commands';
import { type Activation, instantText } from '@interlock/contracts';
import {
  type ActivePolicy,
  activationBody,
  activationIdText,
  activationVoteBody,
  noQuery,
  type Activation as ShownActivation,
} from '@interlock/contracts/http';
import { ARTIFACTS, type ArtifactView } from '@interlock/service';
import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ACTIVATOR } from '../gateway.tokens.js';
import { bearerOf } from '../http/auth.hook.js';
import { requireRole } from '../http/identity.js';
import { read, readQuery } from '../http/request.schema.js';
import { sendJson } from '../http/send.js';
import { shownVote } from '../http/vote.view.js';

/** Which bundle is in force, and who put it there. */
@Controller('v1/policy')
export class PolicyController {
  constructor(
    @Inject(ACTIVATOR) private readonly activator: PolicyActivator,
    @Inject(ARTIFACTS) private readonly artifacts: ArtifactView,
  ) {}

  @Get('active')
  active(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    readQuery(noQuery, request.query);
    const active = this.artifacts.activePolicy();
    if (active === undefined)
      throw new Problem(
        'unknown',
        'No policy bundle is in force, so everything is denied. Publish one, and POST its hash to /v1/policy/activations.',
      );
    const { artifact, activationId, hash, from, by, approvedBy, because, at } = active;
    const { name, version } = artifact;
    const shown: ActivePolicy = {
      hash,
      name,
      version,
      activationId,
      from,
      because,
      by: by.sub,
      approvedBy: approvedBy.map(subOf),
      activatedAt: instantText(at),
    };
    sendJson(reply, 200, JSON.stringify(shown));
  }

  /** Newest first; of settled ones the newest 200. */
  @Get('activations')
  list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    readQuery(noQuery, request.query);
    const items = this.artifacts.policy.activations.map(shownActivation).reverse();
    sendJson(reply, 200, JSON.stringify({ items }));
  }

  @Post('activations')
  async activate(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const bearer = bearerOf(request);
    requireRole(bearer.by, 'admin');
    readQuery(noQuery, request.query);
    const body = read(activationBody, request.body, 'body');
    const activation = await this.activator.activate(bearer, body);
    sendJson(reply, 202, JSON.stringify(shownActivation(activation)));
  }

  @Post('activations/:activationId/votes')
  async vote(
    @Param('activationId') activationId: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const bearer = bearerOf(request);
    requireRole(bearer.by, 'admin');
    readQuery(noQuery, request.query);
    if (!activationIdText.safeParse(activationId).success)
      throw new Problem('unknown', 'There is no such activation.');
    const body = read(activationVoteBody, request.body, 'body');
    const activation = await this.activator.vote(bearer, activationId, body);
    sendJson(reply, 202, JSON.stringify(shownActivation(activation)));
  }
}

const subOf = ({ sub }: { readonly sub: string }): string => sub;

function shownActivation(activation: Activation): ShownActivation {
  const { activationId, hash, from, status, needed, by, reason, votes, at, until } = activation;
  return {
    activationId,
    hash,
    from,
    status,
    needed,
    approvedBy: votes.filter(({ vote }) => vote === 'approve').map((vote) => vote.by.sub),
    by: by.sub,
    reason,
    votes: votes.map(shownVote),
    openedAt: instantText(at),
    until: instantText(until),
  };
}
