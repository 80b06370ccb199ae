import { moduleOfName } from '@interlock/contracts';
import { compileTable, compileWorkflow, publishedCatalogue, tableDocumentOf } from '@interlock/language';
import { type Catalogue, find, namesOf } from './catalogue.js';
import { type Candidate, type Checked, problem } from './checked.js';

/** Compiles a workflow with the newest published tools and tables it names: of the module whose name stands in front of its own first. */
export function checkWorkflow({ name, version, document }: Candidate, catalogue: Catalogue): Checked {
  const module = moduleOfName(name);
  const compilation = compileWorkflow(
    document,
    publishedCatalogue((kind, named, at) => find(catalogue, kind, named, at), {
      module,
      names: (kind) => namesOf(catalogue, kind),
    }),
    module,
  );
  if (!compilation.ok) return { problems: compilation.problems };
  const { workflow, hash } = compilation;
  return differs(workflow, name, version) ?? { hash, compiled: workflow };
}

/** A table without a name and a version of its own gets those that it is published under. */
export function checkTable(candidate: Candidate): Checked {
  const { name, version } = candidate;
  const compilation = compileTable(tableDocumentOf(candidate));
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
