import { basename, resolve } from 'node:path';
import { moduleOfName, namesMeantBy } from '@interlock/contracts';
import {
  type Compilation,
  type CompiledWorkflow,
  compileTable,
  compileWorkflow,
  tableDocumentOf,
} from '@interlock/language';
import { checkBundle } from '@interlock/policy';
import { artifactsOf, type DescribedModules } from '@interlock/tools';
import type { CaseFile } from '../case/case.schema.js';
import { ProjectArtifacts } from './project.artifacts.js';
import { modulesAt, ProjectError, problemAt, textAt } from './project.files.js';

/** What the cases of a file are about: a workflow, compiled with what its modules bring. */
export interface Project {
  readonly workflow: CompiledWorkflow;
  readonly artifacts: ProjectArtifacts;
  /** Policy answers, and not the cases. */
  readonly hasPolicies: boolean;
}

/**
 * @param folder that paths in the file start at
 * @throws {ProjectError} a file is missing, a module does not load, the workflow or a policy is refused
 */
export async function projectOf(file: CaseFile, folder: string): Promise<Project> {
  const modules = await modulesAt(file.modules ?? [], folder);
  const artifacts = artifactsIn(modules);
  const workflow = await workflowOf(file, folder, modules, artifacts);
  const policies = await policiesOf(file, folder, modules);
  if (policies !== undefined) {
    const document = { policies };
    const problems = checkBundle(document, artifacts.tools);
    if (problems.length > 0) throw new ProjectError(['policies'], undefined, problems);
    artifacts.activate({ kind: 'policy', name: 'cases', version: 1, document });
  }
  return { workflow, artifacts, hasPolicies: policies !== undefined };
}

/**
 * What modules bring, as it would be published. A workflow or a table that is refused is left out: who tests it, and what names it, is
 * told why.
 */
function artifactsIn(modules: DescribedModules): ProjectArtifacts {
  const artifacts = new ProjectArtifacts();
  for (const artifact of artifactsOf(modules)) {
    if (artifact.kind === 'workflow') {
      const compilation = publish(artifacts, artifact.document, moduleOfName(artifact.name));
      if (!compilation.ok) artifacts.refuse(artifact, compilation.problems);
    } else if (artifact.kind === 'table') {
      const compilation = compileTable(tableDocumentOf(artifact));
      if (compilation.ok) artifacts.add(artifact);
      else artifacts.refuse(artifact, compilation.problems);
    } else artifacts.add(artifact);
  }
  return artifacts;
}

function publish(artifacts: ProjectArtifacts, document: unknown, module: string | undefined): Compilation {
  const compilation = compileWorkflow(document, artifacts.catalogue(module), module);
  if (compilation.ok) {
    const { workflow, hash } = compilation;
    const { name, version } = workflow;
    artifacts.add({ kind: 'workflow', name, version, document }, hash, workflow);
  }
  return compilation;
}

/** The module that a document beside it is of: the only one that names itself. */
function onlyModule(artifacts: ProjectArtifacts): string | undefined {
  const kinds = ['tool', 'table', 'workflow', 'prompt', 'schema'] as const;
  const names = kinds.flatMap((kind) => artifacts.all(kind).map(({ name }) => moduleOfName(name)));
  const modules = new Set(names);
  return modules.size === 1 ? names[0] : undefined;
}

/**
 * What documents may name that modules bring, without a server, and the module that they are of.
 * @throws {ProjectError} a module does not load
 */
export async function modulesCatalogue(paths: readonly string[]) {
  const artifacts = artifactsIn(await modulesAt(paths, '.'));
  const module = onlyModule(artifacts);
  return { catalogue: artifacts.catalogue(module), module };
}

async function workflowOf(
  { workflow: reference }: CaseFile,
  folder: string,
  modules: DescribedModules,
  artifacts: ProjectArtifacts,
): Promise<CompiledWorkflow> {
  const isFile = /^\.{0,2}\/|\.(ya?ml|json)$/.test(reference);
  const { document, module } = isFile
    ? { document: await textAt(['workflow'], folder, reference), module: onlyModule(artifacts) }
    : documentIn(modules, reference);
  const compilation = publish(artifacts, document, module);
  if (compilation.ok) return compilation.workflow;
  const file = isFile ? resolve(folder, reference) : undefined;
  throw new ProjectError(['workflow'], file, compilation.problems);
}

/** The named version of a workflow that a module brings, or its newest. */
function documentIn({ workflows }: DescribedModules, reference: string) {
  const [, short = reference, version] = /^(.*)@(\d+)$/.exec(reference) ?? [];
  const [name, ...others] = namesMeantBy(
    short,
    workflows.map((one) => one.name),
  );
  const [newest] = workflows
    .filter((one) => one.name === name && (version === undefined || one.version === Number(version)))
    .sort((one, other) => other.version - one.version);
  if (newest !== undefined && others.length === 0)
    return { document: newest.document, module: moduleOfName(newest.name) };
  const known = workflows.map((one) => `${one.name}@${one.version}`).join(', ') || 'none';
  const what =
    others.length === 0
      ? `no module brings a workflow ${reference}`
      : `${reference} is brought by several modules`;
  throw problemAt(['workflow'], `${what}; they bring ${known}. A file is written ./${reference}.yaml`);
}

async function policiesOf({ policies }: CaseFile, folder: string, modules: DescribedModules) {
  if (policies === undefined) return undefined;
  if (policies === 'modules') {
    if (modules.policies.length === 0) throw problemAt(['policies'], 'no module brings policies');
    return modules.policies;
  }
  return Promise.all(
    policies.map(async (path, index) => ({
      id: basename(path).replace(/\.cedar$/, ''),
      text: await textAt(['policies', index], folder, path),
    })),
  );
}
