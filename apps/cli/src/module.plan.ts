import { type ArtifactKind, hashOf } from '@interlock/contracts';
import { artifactsOf, bundleOf, type DescribedModules, type NewArtifact } from '@interlock/tools';
import type { Client } from './client.js';
import { findIn, readArtifacts } from './published.artifacts.js';

/** Something that a module brings, with what the server has published under the same name and version. */
export type Planned = NewArtifact &
  (
    | { readonly standing: 'new' }
    | { readonly standing: 'unchanged'; readonly hash: string }
    /** The version is published with another document. */
    | { readonly standing: 'taken' }
  );

/** What a module brings, in the order of publication: its policies come last, as one bundle. */
export async function planOf(client: Client, name: string, module: DescribedModules): Promise<Planned[]> {
  const artifacts = artifactsOf(module);
  const kinds = new Set<ArtifactKind>(artifacts.map(({ kind }) => kind));
  if (module.policies.length > 0) kinds.add('policy');
  const published = new Map(
    await Promise.all([...kinds].map(async (kind) => [kind, await readArtifacts(client, kind)] as const)),
  );
  const bundle = bundleOf(module, name, published.get('policy') ?? []);
  return [...artifacts, ...(bundle === undefined ? [] : [bundle])].map(
    ({ kind, name, version, document }): Planned => {
      const artifact = { kind, name, version, document };
      const before = findIn(published.get(kind) ?? [], name, version);
      if (before === undefined) return { ...artifact, standing: 'new' };
      const isSame = hashOf(before.document) === hashOf(document);
      return isSame
        ? { ...artifact, standing: 'unchanged', hash: before.hash }
        : { ...artifact, standing: 'taken' };
    },
  );
}
