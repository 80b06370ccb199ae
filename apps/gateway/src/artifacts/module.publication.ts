import { hashOf, type Identity } from '@interlock/contracts';
import type { DescribedModules } from '@interlock/tools';
import type { ArtifactPublisher, Artifacts, NewArtifact, Problems } from './artifact.publisher.js';

/** What modules bring cannot be published: the start ends with this message. */
export class ModulesRefusedError extends Error {
  readonly code = 'modules.refused';

  constructor(artifact: NewArtifact, problems: Problems) {
    const lines = problems.map(({ path, message, line, column }) => {
      const place =
        line === undefined ? '' : ` (line ${line}${column === undefined ? '' : `, column ${column}`})`;
      return `  ${path === '' ? '' : `${path}: `}${message}${place}`;
    });
    super(`${artifact.kind} ${artifact.name}@${artifact.version} is refused:\n${lines.join('\n')}`);
    this.name = 'ModulesRefusedError';
  }
}

/** Policies of all modules together, in development. */
const BUNDLE = 'active';

/** In the order in which one may name the other: a workflow pins tools and tables that are published by then. */
function artifactsOf(modules: DescribedModules, published: Artifacts): NewArtifact[] {
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
    ...bundleOf(modules, published),
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

/** Policies have no version of their own: the bundle gets the next one whenever it differs from the newest. */
function bundleOf({ policies }: DescribedModules, published: Artifacts): NewArtifact[] {
  if (policies.length === 0) return [];
  const document = { policies };
  const newest = published.get('policy', BUNDLE);
  if (newest === undefined) return [{ kind: 'policy', name: BUNDLE, version: 1, document }];
  const isSame = hashOf(newest.document) === hashOf(document);
  return isSame ? [] : [{ kind: 'policy', name: BUNDLE, version: newest.version + 1, document }];
}

const gateway: Identity = { sub: 'gateway', roles: ['admin'] };

/**
 * Publishes what modules bring and is not published yet, one after the other, and waits for each answer.
 * @throws {ModulesRefusedError} naming what is wrong with the first one refused
 */
export async function publishModules(
  modules: DescribedModules,
  published: Artifacts,
  publisher: ArtifactPublisher,
  signal: AbortSignal,
): Promise<void> {
  for (const artifact of artifactsOf(modules, published)) {
    const publication = await publisher.publish(gateway, artifact, signal);
    switch (publication.outcome) {
      case 'published':
        break;
      case 'unanswered':
        return;
      case 'taken':
        throw new ModulesRefusedError(artifact, [
          { path: '', message: 'this version is published with another document: raise its version' },
        ]);
      case 'refused':
        throw new ModulesRefusedError(artifact, publication.problems);
    }
  }
}
