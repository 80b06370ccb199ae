import { z } from 'zod';
import { artifactKind } from '../artifact.js';
import { commandIdText, limitOf, type Shown } from './fields.js';

const kind = artifactKind.meta({ id: 'ArtifactKind' });

export const publishBody = z
  .strictObject({
    kind,
    name: z.string().min(1).max(200),
    version: z.int().min(1),
    document: z
      .union([z.string().min(1), z.record(z.string(), z.unknown())])
      .describe('Text (YAML, for workflows and tables) keeps its lines for what is wrong with it'),
    commandId: commandIdText.optional(),
  })
  .meta({ id: 'PublishArtifact' });

export const publishAnswer = z.object({ hash: z.string() });
export type PublishAnswer = Shown<z.output<typeof publishAnswer>>;

export const artifact = z
  .object({
    kind,
    name: z.string(),
    version: z.int(),
    hash: z.string(),
    publishedBy: z.string(),
    document: z.unknown().optional().describe('What was published; only with `documents=true`'),
    compiled: z
      .unknown()
      .optional()
      .describe(
        'Of a workflow: what a run of it holds, and a step that starts one sees; only with `documents=true`',
      ),
  })
  .meta({ id: 'Artifact' });
export type Artifact = Shown<z.output<typeof artifact>>;

export const artifactPage = z.object({ items: z.array(artifact), next: z.string().optional() });
export type ArtifactPage = Shown<z.output<typeof artifactPage>>;

export const listArtifactsQuery = z.strictObject({
  kind: kind.optional(),
  documents: z
    .boolean('must be true or false')
    .default(false)
    .describe('Whether each item holds its `document`'),
  limit: limitOf(50, 500),
  cursor: z.string().min(1).max(300).optional().describe('`next` of the page before'),
});
