import type { ArtifactKind } from '@interlock/contracts';
import type { Artifact } from '@interlock/contracts/http';
import type { NamedArtifact } from '@interlock/language';
import type { Client } from './client.js';
import { everyItem } from './every.item.js';

const PAGE = '100';

/** Every version of everything published of one kind, whole, in rising order of name and version. */
export async function readArtifacts(client: Client, kind: ArtifactKind): Promise<NamedArtifact[]> {
  const options = { kind, documents: 'true', limit: PAGE };
  const items = await everyItem<Artifact>(client, '/v1/artifacts', options);
  return items.map(({ document, ...artifact }) => ({ ...artifact, document }));
}

/** The named version of one of `artifacts`, or its newest. */
export function findIn(
  artifacts: readonly NamedArtifact[],
  name: string,
  version?: number,
): NamedArtifact | undefined {
  return artifacts
    .filter((one) => one.name === name && (version === undefined || one.version === version))
    .reduce<NamedArtifact | undefined>(
      (newest, one) => (newest === undefined || one.version > newest.version ? one : newest),
      undefined,
    );
}
