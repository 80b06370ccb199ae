import { z } from 'zod';
import { defineCommand, defineEvent, type MessageOf } from './define.js';
import { activationCommands, activationEvents } from './policy.activation.js';
import { identity } from './run.commands.js';
import { instant } from './time.js';

export const artifactKinds = ['tool', 'workflow', 'policy', 'table', 'prompt', 'schema', 'trigger'] as const;
export const artifactKind = z.enum(artifactKinds);
export type ArtifactKind = z.output<typeof artifactKind>;

const artifact = {
  kind: artifactKind,
  name: z.string().min(1).max(200),
  version: z.number().int().min(1),
  document: z
    .unknown()
    .describe(
      'Tool: its manifest. Workflow: the document. Policy: `{policies: [{id, text}]}`. Table: its rules',
    ),
};

export const PublishArtifact = defineCommand(
  'artifact.publish',
  1,
  z.object({ commandId: z.string().min(1), by: identity, issuedAt: instant, ...artifact }),
);

export const ArtifactPublished = defineEvent(
  'artifact.published',
  1,
  z.object({
    ...artifact,
    hash: z.string(),
    compiled: z
      .unknown()
      .optional()
      .describe('A workflow’s compiled form, ready to be embedded in run.started'),
    by: identity,
    commandId: z.string(),
  }),
);
export type PublishedArtifact = z.output<typeof ArtifactPublished.schema>;

export const ArtifactRefused = defineEvent(
  'artifact.refused',
  1,
  z.object({
    commandId: z.string(),
    kind: artifactKind,
    name: z.string(),
    problems: z.array(
      z.object({
        path: z.string(),
        message: z.string(),
        line: z.number().optional(),
        column: z.number().optional(),
      }),
    ),
  }),
);

export const artifactCommandMessages = [PublishArtifact, ...activationCommands] as const;
export const artifactLifeEvents = [ArtifactPublished, ArtifactRefused, ...activationEvents] as const;
export type ArtifactEvent = MessageOf<(typeof artifactLifeEvents)[number]>;
