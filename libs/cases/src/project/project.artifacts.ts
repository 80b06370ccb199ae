import {
  type ArtifactKind,
  hashOf,
  nameInModule,
  type PublishedArtifact,
  type ToolManifest,
  toolManifest,
} from '@interlock/contracts';
import { type LanguageCatalogue, type Problem, publishedCatalogue } from '@interlock/language';
import type { NewArtifact } from '@interlock/tools';

const by = { sub: 'case', roles: [] };

/** What would be published, in memory: the compiler and policy look here for what a workflow names. */
export class ProjectArtifacts {
  readonly #artifacts: PublishedArtifact[] = [];
  readonly #refused = new Map<string, string>();
  #active: PublishedArtifact | undefined;

  add(artifact: NewArtifact, hash = hashOf(artifact.document), compiled?: unknown): void {
    this.#artifacts.push({ ...artifact, hash, by, commandId: `case ${artifact.name}`, compiled });
  }

  /** It cannot be published: what names it is told why. */
  refuse({ kind, name }: NewArtifact, [problem]: readonly Problem[]): void {
    if (problem === undefined) return;
    const why = `the ${kind} "${name}" is refused itself: ${problem.path}: ${problem.message}`;
    this.#refused.set(`${kind} ${name}`, why);
  }

  /** @param reference a name, maybe with a version */
  #whyNot(kind: ArtifactKind, reference: string, module: string | undefined): string | undefined {
    const [name = reference] = reference.split('@');
    const own = module === undefined ? undefined : this.#refused.get(`${kind} ${nameInModule(module, name)}`);
    return own ?? this.#refused.get(`${kind} ${name}`);
  }

  activate(artifact: NewArtifact): void {
    this.add(artifact);
    this.#active = this.#artifacts.at(-1);
  }

  /** The newest version when none is given. */
  get(kind: ArtifactKind, name: string, version?: number): PublishedArtifact | undefined {
    return this.all(kind)
      .filter((one) => one.name === name && (version === undefined || one.version === version))
      .sort((one, other) => other.version - one.version)[0];
  }

  /** What documents may name, of a module first where one is given. */
  catalogue(module?: string): LanguageCatalogue {
    const published = publishedCatalogue((kind, name, version) => this.get(kind, name, version), {
      module,
      names: (kind) => this.all(kind).map(({ name }) => name),
    });
    return {
      ...published,
      whyNot: (kind, reference) =>
        this.#whyNot(kind, reference, module) ?? published.whyNot?.(kind, reference),
    };
  }

  byHash(hash: string): PublishedArtifact | undefined {
    return this.#artifacts.find((one) => one.hash === hash);
  }

  all(kind: ArtifactKind): PublishedArtifact[] {
    return this.#artifacts.filter((one) => one.kind === kind);
  }

  activePolicy(): { readonly artifact: PublishedArtifact } | undefined {
    return this.#active && { artifact: this.#active };
  }

  get tools(): readonly ToolManifest[] {
    return this.all('tool').map(({ document }) => toolManifest.parse(document));
  }

  tool(toolHash: string): ToolManifest | undefined {
    const document = this.byHash(toolHash)?.document;
    return document === undefined ? undefined : toolManifest.parse(document);
  }
}
