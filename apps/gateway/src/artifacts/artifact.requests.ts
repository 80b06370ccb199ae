import { artifactKind } from '@interlock/contracts';
import { z } from 'zod';
import { commandIdText, limitOf } from '../http/request.schema.js';

export const publishBody = z.strictObject({
  kind: artifactKind,
  name: z.string().min(1).max(200),
  version: z.number().int().min(1),
  /** Text (YAML, for workflows and tables) keeps its lines for what is wrong with it. */
  document: z.union([z.string().min(1), z.record(z.string(), z.unknown())]),
  commandId: commandIdText.optional(),
});

export const listArtifactsQuery = z.strictObject({
  kind: artifactKind.optional(),
  /** Whether to show what was published, too. */
  documents: z.enum(['true', 'false']).default('false'),
  limit: limitOf(50, 500),
  cursor: z.string().min(1).max(300).optional(),
});
