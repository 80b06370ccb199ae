import type { PublishedArtifact, ToolManifest } from '@interlock/contracts';
import {
  type CatalogueTool,
  compileTable,
  compileWorkflow,
  type DecisionTable,
  type LanguageCatalogue,
} from '@interlock/language';
import { type Catalogue, find } from './catalogue.js';
import { type Candidate, type Checked, problem } from './checked.js';

/** Compiles a workflow with the newest published tools and tables it names. */
export function checkWorkflow({ name, version, document }: Candidate, catalogue: Catalogue): Checked {
  const compilation = compileWorkflow(document, languageCatalogue(catalogue));
  if (!compilation.ok) return { problems: compilation.problems };
  const { workflow, hash } = compilation;
  return differs(workflow, name, version) ?? { hash, compiled: workflow };
}

/** A table that does not say its own name and version has those it is published under. */
export function checkTable({ name, version, document }: Candidate): Checked {
  const compilation = compileTable(identified(document, name, version));
  if (!compilation.ok) return { problems: compilation.problems };
  return differs(compilation.table, name, version) ?? { hash: compilation.hash };
}

const differs = (
  found: { readonly name: string; readonly version: number },
  name: string,
  version: number,
): Checked | undefined =>
  found.name === name && found.version === version
    ? undefined
    : problem('', `says it is ${found.name}@${found.version}, published as ${name}@${version}`);

/** Modules write `{id, version, rules}`; what only HTTP sends may be `{rules}` alone. */
function identified(document: unknown, name: string, version: number): unknown {
  if (typeof document !== 'object' || document === null || 'name' in document) return document;
  if (!('id' in document)) return { name, version, ...document };
  if (!('version' in document)) return document;
  const { id, ...rest } = document;
  return { name: id, ...rest };
}

function languageCatalogue(catalogue: Catalogue): LanguageCatalogue {
  return {
    tool: (reference) => toolOf(catalogue, reference),
    table: (name, version) => tableOf(find(catalogue, 'table', name, version)),
    schema: (reference) =>
      find(catalogue, 'schema', schemaName(reference))?.document as
        | Readonly<Record<string, unknown>>
        | undefined,
  };
}

function toolOf(catalogue: Catalogue, reference: string): CatalogueTool | undefined {
  const [, name = reference, version] = /^(.*)@(\d+)$/.exec(reference) ?? [];
  const artifact = find(catalogue, 'tool', name, version === undefined ? undefined : Number(version));
  return artifact && { ...(artifact.document as ToolManifest), hash: artifact.hash };
}

function tableOf(artifact: PublishedArtifact | undefined): DecisionTable | undefined {
  if (artifact === undefined) return undefined;
  const compilation = compileTable(identified(artifact.document, artifact.name, artifact.version));
  return compilation.ok ? compilation.table : undefined;
}

/** `./refund-request.input.json` is published as `refund-request.input`. */
const schemaName = (reference: string): string => reference.replace(/^\.\//, '').replace(/\.json$/, '');
