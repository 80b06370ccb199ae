import { type ArtifactKind, hashOf, type PublishedArtifact } from '@interlock/contracts';
import {
  type CatalogueTool,
  type CatalogueWorkflow,
  type CompiledWorkflow,
  compileWorkflow,
} from '@interlock/language';
import type { Tool } from '@interlock/tools';
import { policies } from './policies.js';
import { amounts, moods, workflowDocuments } from './workflows.js';

const by = { sub: 'simulation', roles: [] };

/** What is published, in memory: every process of a simulation has read all of it. */
export class Published {
  readonly #artifacts: PublishedArtifact[] = [];

  /** Nothing is published later. */
  onRead(): () => void {
    return () => {};
  }

  byHash(hash: string): PublishedArtifact | undefined {
    return this.#artifacts.find((artifact) => artifact.hash === hash);
  }

  /** The first version unless another one is named: the second is only for runs that are migrated. */
  get(kind: ArtifactKind, name: string, version?: number): PublishedArtifact | undefined {
    return this.#artifacts.find(
      (artifact) =>
        artifact.kind === kind &&
        artifact.name === name &&
        (version === undefined || artifact.version === version),
    );
  }

  /** Nothing here is of a module. */
  named(kind: ArtifactKind, name: string): PublishedArtifact | undefined {
    return this.get(kind, name);
  }

  /** The only bundle is in force. */
  activePolicy(): { readonly artifact: PublishedArtifact } | undefined {
    const artifact = this.get('policy', 'main');
    return artifact && { artifact };
  }

  all(kind: ArtifactKind): PublishedArtifact[] {
    return this.#artifacts.filter((artifact) => artifact.kind === kind);
  }

  add(
    kind: ArtifactKind,
    name: string,
    document: unknown,
    hash: string,
    compiled?: unknown,
    version = 1,
  ): void {
    this.#artifacts.push({
      kind,
      name,
      version,
      document,
      hash,
      compiled,
      by,
      commandId: `publish ${name}@${version}`,
    });
  }
}

/**
 * @param talks models may be asked
 * @param drawn documents besides those that always are there; each may start what comes before it
 * @throws when a workflow does not compile
 */
export function published(
  tools: readonly Tool[],
  redacts: boolean,
  drawn: readonly { readonly workflow: string; readonly version?: number }[],
  talks: boolean,
): Published {
  const artifacts = new Published();
  for (const { manifest, toolHash } of tools) artifacts.add('tool', manifest.name, manifest, toolHash);
  const bundle = { policies: policies(redacts, talks).map((text, at) => ({ id: `p${at}`, text })) };
  artifacts.add('policy', 'main', bundle, hashOf(bundle));
  const catalogue = {
    tool: (reference: string): CatalogueTool | undefined => {
      const tool = tools.find(({ manifest }) => manifest.name === reference);
      return tool && ({ ...tool.manifest, hash: tool.toolHash } as CatalogueTool);
    },
    table: (name: string) => [amounts, moods].find((table) => table.name === name),
    workflow: (reference: string): CatalogueWorkflow | undefined => {
      const found = artifacts.get('workflow', reference);
      return (
        found && {
          name: reference,
          version: 1,
          hash: found.hash,
          compiled: found.compiled as CompiledWorkflow,
        }
      );
    },
  };
  const add = (document: WrittenDocument, { hash, workflow }: Compiled) =>
    artifacts.add('workflow', document.workflow, document, hash, workflow, workflow.version);
  for (const document of workflowDocuments) {
    const once = compiledOnce.get(document) ?? compiled(document, catalogue);
    compiledOnce.set(document, once);
    add(document, once);
  }
  for (const document of drawn) add(document, compiled(document, catalogue));
  return artifacts;
}

type WrittenDocument = (typeof workflowDocuments)[number];
type Compiled = Extract<ReturnType<typeof compileWorkflow>, { readonly ok: true }>;

/** Those that are written down, and the tools that they call, are the same in every seed. */
const compiledOnce = new Map<WrittenDocument, Compiled>();

function compiled(document: WrittenDocument, catalogue: Parameters<typeof compileWorkflow>[1]): Compiled {
  const compilation = compileWorkflow(document, catalogue);
  if (!compilation.ok) throw new Error(`${document.workflow}: ${JSON.stringify(compilation.problems)}`);
  return compilation;
}
