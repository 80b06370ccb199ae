import { type ArtifactPublisher, notReady, Problem } from '@interlock/commands';
import type { ArtifactKind, Identity, PublishedArtifact } from '@interlock/contracts';
import { artifactKinds, EVERY_TENANT } from '@interlock/contracts';
import { type Artifact, listArtifactsQuery, publishBody } from '@interlock/contracts/http';
import { ARTIFACTS, type ArtifactView } from '@interlock/service';
import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ANSWERS, PUBLISHER } from '../gateway.tokens.js';
import type { AnswerSlots } from '../http/answer.slots.js';
import { bearerOf, callerOf, subjectOf } from '../http/auth.hook.js';
import { requireRole } from '../http/identity.js';
import { pageJson } from '../http/page.js';
import { read, readQuery } from '../http/request.schema.js';
import { sendJson } from '../http/send.js';

/** How long a caller waits for the registry, ms. */
const ANSWER_MS = 10_000;

@Controller('v1/artifacts')
export class ArtifactsController {
  constructor(
    @Inject(PUBLISHER) private readonly publisher: ArtifactPublisher,
    @Inject(ARTIFACTS) private readonly artifacts: ArtifactView,
    @Inject(ANSWERS) private readonly answers: AnswerSlots,
  ) {}

  @Post()
  async publish(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const bearer = bearerOf(request);
    requireRole(bearer.by, 'admin');
    requireInstallation(bearer.by);
    const { commandId, ...artifact } = read(publishBody, request.body, 'body');
    const { kind, name, version } = artifact;
    const signal = AbortSignal.timeout(ANSWER_MS);
    const publication = await this.publisher.publish(bearer, artifact, signal, commandId);
    switch (publication.outcome) {
      case 'published':
        return sendJson(reply, 201, JSON.stringify({ hash: publication.hash }));
      case 'taken':
        throw new Problem(
          'conflict',
          `${kind} ${name}@${version} is published with another document: raise the version.`,
        );
      case 'refused':
        throw new Problem('refused', `${kind} ${name}@${version} cannot be published.`, publication.problems);
      case 'unanswered':
        throw notReady('The registry has not answered yet. Repeat the request: it is safe.', 5);
    }
  }

  /** By kind, name and version. */
  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { kind, documents, ...query } = readQuery(listArtifactsQuery, request.query);
    const kinds: readonly ArtifactKind[] = kind === undefined ? artifactKinds : [kind];
    await this.answers.take(reply.raw, subjectOf(callerOf(request)));
    const sorted = kinds
      .flatMap((one) => this.artifacts.all(one))
      .map((artifact) => ({ place: placeOf(artifact), artifact }))
      .sort((one, other) => (one.place < other.place ? -1 : 1));
    const paged = {
      placeOf: ({ place }: (typeof sorted)[number]) => place,
      shown: ({ artifact }: (typeof sorted)[number]) => shown(artifact, documents),
    };
    sendJson(reply, 200, pageJson(sorted, paged, query));
  }
}

/** Artifacts are the same for every tenant, so none of them may change them. */
function requireInstallation({ tenant }: Identity): void {
  if (tenant === undefined || tenant === EVERY_TENANT) return;
  throw new Problem(
    'not-allowed',
    'Artifacts belong to the whole installation: a token with a tenant publishes none.',
  );
}

const VERSION_DIGITS = 10;

const placeOf = ({ kind, name, version }: PublishedArtifact): string =>
  `${kind}/${name}@${String(version).padStart(VERSION_DIGITS, '0')}`;

const shown = (
  { kind, name, version, hash, by, document, compiled }: PublishedArtifact,
  isWhole: boolean,
): Artifact => ({
  kind,
  name,
  version,
  hash,
  publishedBy: by.sub,
  ...(isWhole ? { document, compiled } : {}),
});
