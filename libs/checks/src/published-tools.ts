import { hashOf, type PublishedArtifact, type ToolManifest, toolManifest } from '@interlock/contracts';
import { type CedarType, cedarTypeOf, type Question } from '@interlock/policy';

/** What the policy service asks the published artifacts. Answers change only when artifacts are published or activated. */
export interface PublishedArtifacts {
  /** The newest version when none is given. */
  get(kind: 'tool', name: string): PublishedArtifact | undefined;
  byHash(hash: string): PublishedArtifact | undefined;
  all(kind: 'tool'): readonly PublishedArtifact[];
  /** The bundle in force. */
  activePolicy(): { readonly artifact: PublishedArtifact } | undefined;
}

/** A manifest that has the hash by which it was asked for, and the entity policies see. */
export interface PublishedTool {
  readonly manifest: ToolManifest;
  readonly entity: Question['resource'];
  /** Of its arguments and of its output, as policies see them. */
  readonly input: CedarType | undefined;
  readonly output: CedarType | undefined;
}

/** The tools of the published artifacts, each parsed and hashed once. */
export class PublishedTools {
  readonly #byHash = new Map<string, PublishedTool>();

  constructor(private readonly artifacts: PublishedArtifacts) {}

  /** Undefined: not published (yet), or its document is not what its hash says. */
  byHash(toolHash: string): PublishedTool | undefined {
    const known = this.#byHash.get(toolHash);
    if (known !== undefined) return known;
    const tool = publishedTool(this.artifacts.byHash(toolHash), toolHash);
    if (tool !== undefined) this.#byHash.set(toolHash, tool);
    return tool;
  }

  /** Whether a published tool says that what it writes is undone by the tool of that name. */
  undoes(name: string): boolean {
    return this.artifacts
      .all('tool')
      .some(({ hash }) => this.byHash(hash)?.manifest.compensate?.tool === name);
  }

  isName(name: string): boolean {
    return this.artifacts.get('tool', name) !== undefined;
  }
}

function publishedTool(artifact: PublishedArtifact | undefined, toolHash: string): PublishedTool | undefined {
  if (artifact?.kind !== 'tool' || hashOf(artifact.document) !== toolHash) return undefined;
  const parsed = toolManifest.safeParse(artifact.document);
  if (!parsed.success) return undefined;
  const { data } = parsed;
  const types = { input: cedarTypeOf(data.input), output: cedarTypeOf(data.output) };
  return { manifest: data, entity: entityOf(data), ...types };
}

function entityOf({
  name,
  effect,
  risk,
  audience,
  origin,
  pool,
  version,
}: ToolManifest): Question['resource'] {
  return {
    uid: { type: 'Tool', id: name },
    attrs: { effect, risk, audience, origin, pool, version },
    parents: [],
  };
}
