import {
  type ArtifactKind,
  nameInModule,
  namesMeantBy,
  type PublishedArtifact,
  type ToolManifest,
  triggerDocument,
} from '@interlock/contracts';
import type { CatalogueTool, CatalogueWorkflow, LanguageCatalogue, PromptPin } from './catalogue.js';
import type { CompiledWorkflow } from './compiled.js';
import { splitReference } from './fields.schema.js';
import { isPlainObject } from './json-guard.js';
import { compileTable } from './table.compile.js';
import type { DecisionTable } from './table.schema.js';

/** What a document that names a published artifact needs of it. */
export type NamedArtifact = Pick<PublishedArtifact, 'name' | 'version' | 'hash' | 'document' | 'compiled'>;

/** The named version, or the newest. */
export type FindArtifact = (kind: ArtifactKind, name: string, version?: number) => NamedArtifact | undefined;

export interface CatalogueScope {
  /** The module that the document is of: what a reference means first. */
  readonly module?: string | undefined;
  /** Names of what is published of a kind, for short ones. */
  names(kind: ArtifactKind): Iterable<string>;
}

/** Own things first, then the name as it stands, then the only thing that a module brings under it. */
function meaning(find: FindArtifact, { module, names }: CatalogueScope): FindArtifact {
  return (kind, name, version) => {
    const own = module === undefined ? undefined : find(kind, nameInModule(module, name), version);
    const found = own ?? find(kind, name, version);
    if (found !== undefined) return found;
    const [meant, ...others] = namesMeantBy(name, names(kind));
    return meant === undefined || others.length > 0 ? undefined : find(kind, meant, version);
  };
}

/** No module, and no short names. */
const plainNames: CatalogueScope = { names: () => [] };

/** The catalogue of documents over what is published, wherever that is kept. */
export const publishedCatalogue = (
  published: FindArtifact,
  scope: CatalogueScope = plainNames,
): LanguageCatalogue => ({
  ...catalogueOf(meaning(published, scope)),
  whyNot: (kind, reference) => severalMeant(splitReference(reference).name, scope.names(kind)),
});

/** Several modules bring something of this name, and the document does not say which. */
function severalMeant(name: string, known: Iterable<string>): string | undefined {
  const meant = namesMeantBy(name, known);
  return meant.length < 2
    ? undefined
    : `"${name}" may be ${[...meant].sort().join(' or ')}: write the one that is meant`;
}

const catalogueOf = (find: FindArtifact): LanguageCatalogue => ({
  tool: (reference) => toolOf(find, reference),
  workflow: (reference) => workflowOf(find, reference),
  table: (name, version) => tableOf(find('table', name, version)),
  prompt: (name, version) => promptOf(find('prompt', name, version)),
  trigger: (name) => triggerOf(find('trigger', name)),
  schema(reference) {
    const document = find('schema', schemaName(reference))?.document;
    return isPlainObject(document) ? document : undefined;
  },
});

/** A table that does not say its own name and version has those it is published under; modules write `{id, version, rules}`. */
export function tableDocumentOf({
  name,
  version,
  document,
}: Pick<NamedArtifact, 'name' | 'version' | 'document'>): unknown {
  if (typeof document !== 'object' || document === null || 'name' in document) return document;
  if (!('id' in document)) return { name, version, ...document };
  if (!('version' in document)) return document;
  const { id, ...rest } = document;
  return { name: id, ...rest };
}

function toolOf(find: FindArtifact, reference: string): CatalogueTool | undefined {
  const [, name = reference, version] = /^(.*)@(\d+)$/.exec(reference) ?? [];
  const artifact = find('tool', name, version === undefined ? undefined : Number(version));
  return artifact && { ...(artifact.document as ToolManifest), hash: artifact.hash };
}

/** The registry has compiled it: nothing else is published as `compiled`. */
function workflowOf(find: FindArtifact, reference: string): CatalogueWorkflow | undefined {
  const { name, version } = splitReference(reference);
  const artifact = find('workflow', name, version);
  if (artifact?.compiled === undefined) return undefined;
  const compiled = artifact.compiled as CompiledWorkflow;
  return { name: artifact.name, version: artifact.version, hash: artifact.hash, compiled };
}

/** The registry has checked it. */
function triggerOf(
  artifact: NamedArtifact | undefined,
): ReturnType<NonNullable<LanguageCatalogue['trigger']>> {
  const { enabled, does } = triggerDocument.safeParse(artifact?.document).data ?? {};
  if (does === undefined) return undefined;
  if (enabled !== true) return 'off';
  if ('start' in does) return 'start';
  return 'signal' in does ? 'signal' : 'answer';
}

function tableOf(artifact: NamedArtifact | undefined): DecisionTable | undefined {
  if (artifact === undefined) return undefined;
  const compilation = compileTable(tableDocumentOf(artifact));
  return compilation.ok ? compilation.table : undefined;
}

const promptOf = (artifact: NamedArtifact | undefined): PromptPin | undefined =>
  artifact && { name: artifact.name, version: artifact.version, hash: artifact.hash };

/** `./refund-request.input.json` is published as `refund-request.input`. */
const schemaName = (reference: string): string => reference.replace(/^\.\//, '').replace(/\.json$/, '');
