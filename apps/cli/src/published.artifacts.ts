import type { ArtifactKind } from '@interlock/contracts';
import type { ArtifactPage } from '@interlock/contracts/http';
import type { NamedArtifact } from '@interlock/language';
import type { Client } from './client.js';

const PAGE = 100;

/** Every version of everything published of one kind, whole, in rising order of name and version. */
export async function readArtifacts(client: Client, kind: ArtifactKind): Promise<NamedArtifact[]> {
  const items: NamedArtifact[] = [];
  let cursor: string | undefined;
  do {
    const after = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const path = `/v1/artifacts?kind=${kind}&documents=true&limit=${PAGE}${after}`;
    const { body } = await client.get<ArtifactPage>(path);
    items.push(...body.items.map(({ document, ...artifact }) => ({ ...artifact, document })));
    cursor = body.next;
  } while (cursor !== undefined);
  return items;
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
