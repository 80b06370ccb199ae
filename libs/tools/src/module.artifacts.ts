import { basename, dirname, resolve } from 'node:path';
import { type ArtifactKind, hashOf } from '@interlock/contracts';
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
  const { tools, tables, prompts, schemas, workflows, triggers } = modules;
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
    ...triggers.filter((one) => !startsRuns(one)).map(triggerArtifact),
    ...childrenFirst(workflows).map(({ name, version, document }): NewArtifact => {
      return { kind: 'workflow', name, version, document };
    }),
    ...triggers.filter(startsRuns).map(triggerArtifact),
  ];
}

type Trigger = DescribedModules['triggers'][number];

/** It names a workflow; a workflow names those that answer its questions. */
const startsRuns = ({ does }: Trigger): boolean => 'start' in does;

const triggerArtifact = ({ id, version, ...document }: Trigger): NewArtifact => ({
  kind: 'trigger',
  name: id,
  version,
  document,
});

/** A write names the read that verifies it. */
const readsFirst = (tools: DescribedModules['tools']): DescribedModules['tools'] => [
  ...tools.filter(({ manifest }) => manifest.effect === 'read'),
  ...tools.filter(({ manifest }) => manifest.effect === 'write'),
];

type Workflow = DescribedModules['workflows'][number];

/** A workflow starts only what is published before it. Whoever starts each other in a circle is refused then. */
function childrenFirst(workflows: readonly Workflow[]): readonly Workflow[] {
  const ordered = new Set<Workflow>();
  const open = new Set<Workflow>();
  const add = (workflow: Workflow): void => {
    if (ordered.has(workflow) || open.has(workflow)) return;
    open.add(workflow);
    for (const other of workflows) if (other !== workflow && mayStart(workflow, other)) add(other);
    ordered.add(workflow);
  };
  for (const workflow of workflows) add(workflow);
  return [...ordered];
}

/** By the words of the document, which may be YAML or JSON: rather too often than too seldom. */
function mayStart({ document, name: own, version }: Workflow, { name, version: other }: Workflow): boolean {
  if (own === name) return other < version;
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  const named = [...text.matchAll(/\bworkflow["']?\s*:\s*["']?([\w./-]+)/g)];
  return named.some(([, found = '']) => found === name || name.endsWith(`/${found}`));
}

const NAME_CHARS_MAX = 150;

/** What modules are called together: `examples/refund-desk/module.ts` is refund-desk, `till.module.ts` till. */
export const moduleNameOf = (paths: readonly string[]): string =>
  paths.map(nameOf).join('+').slice(0, NAME_CHARS_MAX);

function nameOf(path: string): string {
  const full = resolve(path);
  const file = basename(full).replace(/\.[a-z]+$/, '');
  return file === 'module' ? basename(dirname(full)) || file : file.replace(/\.module$/, '');
}

/** A bundle of policies as it is published. */
export interface PublishedBundle {
  readonly name: string;
  readonly version: number;
  readonly hash: string;
}

/**
 * The policies of all modules together, as one bundle; undefined when they bring none. Policies have no version of their own: a text that was
 * published before keeps its name and version, any other one is the next version of `name`.
 */
export function bundleOf(
  { policies }: DescribedModules,
  name: string,
  published: readonly PublishedBundle[],
): (NewArtifact & { readonly hash: string }) | undefined {
  if (policies.length === 0) return undefined;
  const document = { policies };
  const hash = hashOf(document);
  const before = published.find((one) => one.hash === hash);
  if (before !== undefined)
    return { kind: 'policy', name: before.name, version: before.version, document, hash };
  const versions = published.filter((one) => one.name === name).map(({ version }) => version);
  return { kind: 'policy', name, version: Math.max(0, ...versions) + 1, document, hash };
}
