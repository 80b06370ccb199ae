import type { ArtifactKind } from '@interlock/contracts';
import type { DescribedModules } from './describe-modules.js';

/** Something to be published, under its name and version. */
export interface NewArtifact {
  readonly kind: ArtifactKind;
  readonly name: string;
  readonly version: number;
  readonly document: unknown;
}

/**
 * What modules bring, their policies aside, in the order in which one may name the other: a workflow pins tools and tables that are
 * published by then.
 */
export function artifactsOf(modules: DescribedModules): NewArtifact[] {
  const { tools, tables, prompts, schemas, workflows } = modules;
  return [
    ...readsFirst(tools).map(({ manifest }): NewArtifact => {
      const { name, version } = manifest;
      return { kind: 'tool', name, version, document: manifest };
    }),
    ...tables.map(
      ({ id, version, ...document }): NewArtifact => ({ kind: 'table', name: id, version, document }),
    ),
    ...prompts.map(({ id, version, text }): NewArtifact => {
      return { kind: 'prompt', name: id, version, document: { text } };
    }),
    ...schemas.map(({ id, version, schema }): NewArtifact => {
      return { kind: 'schema', name: id, version, document: schema };
    }),
    ...workflows.map(({ name, version, document }): NewArtifact => {
      return { kind: 'workflow', name, version, document };
    }),
  ];
}

/** A write names the read that verifies it. */
const readsFirst = (tools: DescribedModules['tools']): DescribedModules['tools'] => [
  ...tools.filter(({ manifest }) => manifest.effect === 'read'),
  ...tools.filter(({ manifest }) => manifest.effect === 'write'),
];

/** The policies of all modules together, as one bundle; undefined when they bring none. */
export const bundleOf = ({ policies }: DescribedModules): { readonly policies: unknown } | undefined =>
  policies.length === 0 ? undefined : { policies };
