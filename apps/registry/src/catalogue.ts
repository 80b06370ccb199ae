import {
  type ArtifactKind,
  type PublishedArtifact,
  type ToolManifest,
  toolManifest,
} from '@interlock/contracts';

/** Everything published, as plain JSON: versions by `kind:name`, in rising order. */
export type Catalogue = Readonly<Record<string, readonly PublishedArtifact[]>>;

export const emptyCatalogue: Catalogue = {};

/** The named version, or the newest. */
export function find(
  catalogue: Catalogue,
  kind: ArtifactKind,
  name: string,
  version?: number,
): PublishedArtifact | undefined {
  const versions = catalogue[`${kind}:${name}`];
  return version === undefined ? versions?.at(-1) : versions?.find((one) => one.version === version);
}

/** Names of what is published of a kind. */
export function namesOf(catalogue: Catalogue, kind: ArtifactKind): string[] {
  const start = `${kind}:`;
  return Object.keys(catalogue).flatMap((key) => (key.startsWith(start) ? [key.slice(start.length)] : []));
}

/** The catalogue with one more artifact; a version that is published again takes its earlier place. */
export function withArtifact(catalogue: Catalogue, artifact: PublishedArtifact): Catalogue {
  const key = `${artifact.kind}:${artifact.name}`;
  const others = (catalogue[key] ?? []).filter(({ version }) => version !== artifact.version);
  return { ...catalogue, [key]: [...others, artifact].sort((a, b) => a.version - b.version) };
}

/** A published policy bundle by its hash. */
export function findBundle(catalogue: Catalogue, hash: string): PublishedArtifact | undefined {
  const bundles = Object.entries(catalogue).filter(([key]) => key.startsWith('policy:'));
  return bundles.flatMap(([, versions]) => versions).find((one) => one.hash === hash);
}

/** The newest version of every tool. */
export const newestTools = (catalogue: Catalogue): ToolManifest[] =>
  Object.values(catalogue).flatMap((versions) => {
    const newest = versions.at(-1);
    const parsed = newest?.kind === 'tool' ? toolManifest.safeParse(newest.document) : undefined;
    return parsed?.success ? [parsed.data] : [];
  });
