import { basename, resolve } from 'node:path';
import {
  type CompiledWorkflow,
  compileWorkflow,
  type LanguageCatalogue,
  publishedCatalogue,
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

/** In the order of publication. A workflow that is refused is not there: what is wrong with it is said where it is asked for. */
function artifactsIn(modules: DescribedModules): ProjectArtifacts {
  const artifacts = new ProjectArtifacts();
  for (const artifact of artifactsOf(modules)) {
    if (artifact.kind !== 'workflow') artifacts.add(artifact);
    else {
      const compilation = compileWorkflow(artifact.document, catalogueOf(artifacts));
      if (compilation.ok) artifacts.add(artifact, compilation.hash, compilation.workflow);
    }
  }
  return artifacts;
}

const catalogueOf = (artifacts: ProjectArtifacts): LanguageCatalogue =>
  publishedCatalogue((kind, name, version) => artifacts.get(kind, name, version));

/**
 * What documents may name that modules bring, without a server.
 * @throws {ProjectError} a module does not load
 */
export async function modulesCatalogue(paths: readonly string[]): Promise<LanguageCatalogue> {
  return catalogueOf(artifactsIn(await modulesAt(paths, '.')));
}

async function workflowOf(
  { workflow: reference }: CaseFile,
  folder: string,
  modules: DescribedModules,
  artifacts: ProjectArtifacts,
): Promise<CompiledWorkflow> {
  const isFile = /^\.{0,2}\/|\.(ya?ml|json)$/.test(reference);
  const source = isFile ? await textAt(['workflow'], folder, reference) : documentIn(modules, reference);
  const compilation = compileWorkflow(source, catalogueOf(artifacts));
  if (!compilation.ok)
    throw new ProjectError(
      ['workflow'],
      isFile ? resolve(folder, reference) : undefined,
      compilation.problems,
    );
  const { workflow, hash } = compilation;
  const { name, version } = workflow;
  artifacts.add({ kind: 'workflow', name, version, document: source }, hash, workflow);
  return workflow;
}

/** The named version of a workflow that a module brings, or its newest. */
function documentIn({ workflows }: DescribedModules, reference: string): unknown {
  const [, name = reference, version] = /^(.*)@(\d+)$/.exec(reference) ?? [];
  const [newest] = workflows
    .filter((one) => one.name === name && (version === undefined || one.version === Number(version)))
    .sort((one, other) => other.version - one.version);
  if (newest !== undefined) return newest.document;
  const known = workflows.map((one) => `${one.name}@${one.version}`).join(', ') || 'none';
  throw problemAt(
    ['workflow'],
    `no module brings a workflow ${reference}; they bring ${known}. A file is written ./${reference}.yaml`,
  );
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
