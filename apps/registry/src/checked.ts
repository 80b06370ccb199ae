import type { ArtifactRefused, PublishArtifact } from '@interlock/contracts';
import type { z } from 'zod';

export type Problem = z.output<typeof ArtifactRefused.schema>['problems'][number];

/** What somebody wants to be published. */
export type Candidate = Pick<
  z.output<typeof PublishArtifact.schema>,
  'kind' | 'name' | 'version' | 'document'
>;

/** What is published, or why nothing is. */
export type Checked =
  | { readonly hash: string; readonly compiled?: unknown }
  | { readonly problems: readonly Problem[] };

export const problem = (path: string, message: string): Checked => ({ problems: [{ path, message }] });
