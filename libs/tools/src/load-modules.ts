import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CodeOf } from '@interlock/contracts';
import {
  errorText,
  HOOKS_MAX,
  issuesText,
  moduleName,
  type NotificationHook,
  notificationHook,
  type TriggerDocument,
  triggerDocument,
} from '@interlock/contracts';
import { type ScheduleBody, scheduleBody } from '@interlock/contracts/http';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { defineTool, isTool } from './define-tool.js';
import { HttpStatusError } from './http-status.error.js';
import type {
  ModuleContents,
  ModuleKit,
  ModulePolicy,
  ModulePrompt,
  ModuleSchema,
  ModuleTable,
} from './module.js';
import { inModule, prefixedIn } from './module.scope.js';
import type { Tool } from './tool.js';
import { type Notification, notificationOf } from './tool.notification.js';

/** A module cannot be used. The message names the file and what is wrong with it. */
export class ModuleError extends Error {
  readonly code = 'module.invalid' satisfies CodeOf<'fault'>;
  constructor(
    readonly file: string,
    readonly problem: string,
    options?: ErrorOptions,
  ) {
    super(`module ${file}: ${problem}`, options);
    this.name = 'ModuleError';
  }
}

/** A workflow document as the module gave it: text keeps its lines for error messages. */
export interface LoadedWorkflow {
  readonly name: string;
  readonly version: number;
  readonly document: string | Readonly<Record<string, unknown>>;
  readonly file: string;
}

/** Everything all modules bring together; no two things of a kind have the same name and version. */
export interface LoadedModules {
  readonly tools: readonly Tool[];
  readonly workflows: readonly LoadedWorkflow[];
  readonly policies: readonly ModulePolicy[];
  readonly tables: readonly (ModuleTable & { readonly version: number })[];
  readonly prompts: readonly (ModulePrompt & { readonly version: number })[];
  readonly schemas: readonly (ModuleSchema & { readonly version: number })[];
  readonly schedules: readonly ScheduleBody[];
  readonly notifications: readonly NotificationHook[];
  readonly triggers: readonly (TriggerDocument & { readonly id: string; readonly version: number })[];
}

const named = {
  id: z
    .string()
    .max(200)
    .regex(/^[^@]+$/, 'must be a name; its version is a field of its own'),
  version: z.number().int().min(1).default(1),
};

const document = z.union([z.string(), z.record(z.string(), z.unknown())]);
const plainContents = {
  policies: z.array(z.strictObject({ id: named.id, text: z.string().min(1) })).default([]),
  tables: z
    .array(z.strictObject({ ...named, rules: z.array(z.unknown()), otherwise: z.unknown().optional() }))
    .default([]),
  prompts: z.array(z.strictObject({ ...named, text: z.string() })).default([]),
  schemas: z.array(z.strictObject({ ...named, schema: z.unknown() })).default([]),
  schedules: z
    .array(scheduleBody.refine(({ commandId }) => commandId === undefined, 'a module gives no commandId'))
    .default([]),
  notifications: z.array(notificationHook).max(HOOKS_MAX).default([]),
  triggers: z.array(triggerDocument.extend(named)).default([]),
};

/** As a module writes it; what it takes comes with it. */
const notification = z.unknown().transform((written, context): Notification => {
  try {
    return notificationOf(written);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    for (const { path, message } of error.issues)
      context.issues.push({ code: 'custom', path: [...path], message, input: written });
    return z.NEVER;
  }
});

const contents = z.strictObject({
  ...plainContents,
  notifications: z.array(notification).max(HOOKS_MAX).default([]),
  name: moduleName.optional(),
  tools: z.array(z.custom<Tool>(isTool, 'is not the result of defineTool')).default([]),
  workflows: z.array(document).default([]),
});

/** The fields of `LoadedModules` but its tools, as another process tells them. */
export const loadedContents = {
  ...plainContents,
  workflows: z.array(
    z.strictObject({ name: z.string(), version: z.number().int().min(1), document, file: z.string() }),
  ),
};
type Contents = z.output<typeof contents>;

const kit: ModuleKit = { defineTool, z, HttpStatusError };

/**
 * Loads module files (`.ts` without a build, `.mjs`, `.js`) in the given order. A directory stands for the `module.ts`
 * or `module.mjs` in it. Relative paths start at the working directory.
 * @throws {ModuleError} a file is missing, does not load, brings something malformed, or brings what another brought
 */
export async function loadModules(paths: readonly string[]): Promise<LoadedModules> {
  const all: LoadedModules[] = [];
  const ownership = new Ownership();
  for (const path of paths) {
    const file = await moduleFileOf(path);
    const brought = broughtBy(file, await load(file));
    ownership.claim(file, brought);
    all.push(brought);
  }
  return {
    tools: all.flatMap(({ tools }) => tools),
    workflows: all.flatMap(({ workflows }) => workflows),
    policies: all.flatMap(({ policies }) => policies),
    tables: all.flatMap(({ tables }) => tables),
    prompts: all.flatMap(({ prompts }) => prompts),
    schemas: all.flatMap(({ schemas }) => schemas),
    schedules: all.flatMap(({ schedules }) => schedules),
    notifications: all.flatMap(({ notifications }) => notifications),
    triggers: all.flatMap(({ triggers }) => triggers),
  };
}

/** What a file brings, under the names that everybody else knows. */
function broughtBy(file: string, { name: module, notifications, ...contents }: Contents): LoadedModules {
  const told = notifications.flatMap(({ workflow }) => (workflow === undefined ? [] : [workflow]));
  const brought = {
    ...contents,
    workflows: [...contents.workflows, ...told].map((one) => identify(file, one)),
    notifications: notifications.map(({ hook }) => hook),
    triggers: [...contents.triggers, ...notifications.flatMap(({ trigger }) => trigger ?? [])],
  };
  const prefixed = prefixedIn(brought);
  if (prefixed !== undefined)
    throw new ModuleError(
      file,
      `${prefixed} holds a "/": a module says its own name once, in name, and it stands in front of what the module brings`,
    );
  return module === undefined ? brought : inModule(module, brought);
}

/** @throws {ModuleError} */
export async function moduleFileOf(path: string): Promise<string> {
  const full = resolve(path);
  const candidates = [join(full, 'module.ts'), join(full, 'module.mjs')];
  const found = await kindOf(full);
  if (found === 'file') {
    if (MODULE_FILE.test(full)) return full;
    throw new ModuleError(path, 'a module is a file of code, .ts or .mjs, or the folder of its module.ts');
  }
  if (found === undefined) throw new ModuleError(path, 'there is no such file');
  for (const candidate of candidates) if ((await kindOf(candidate)) === 'file') return candidate;
  throw new ModuleError(path, 'the directory holds no module.ts or module.mjs');
}

/** What Node loads as code. */
const MODULE_FILE = /\.[cm]?[jt]s$/;

async function kindOf(path: string): Promise<'file' | 'directory' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'directory' : 'file';
  } catch {
    return undefined;
  }
}

async function load(file: string): Promise<Contents> {
  const factory = (await attempt(file, 'it does not load', () => importFile(file))).default;
  if (typeof factory !== 'function') {
    throw new ModuleError(
      file,
      'its default export must be a function: ({ defineTool, z }) => ({ tools, ... })',
    );
  }
  const brought = await attempt(file, 'its default export failed', () => factory(kit) as ModuleContents);
  const parsed = contents.safeParse(brought);
  if (!parsed.success) throw new ModuleError(file, issuesText(parsed.error));
  return parsed.data;
}

const importFile = (file: string): Promise<{ default?: unknown }> => import(pathToFileURL(file).href);

async function attempt<T>(file: string, problem: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const detail = errorText(error);
    throw new ModuleError(file, `${problem}: ${detail}`, { cause: error });
  }
}

const identity = z.object({ workflow: z.string().min(1).max(200), version: z.number().int().min(1) });

function identify(file: string, document: string | Record<string, unknown>): LoadedWorkflow {
  const read = typeof document === 'string' ? yamlOf(file, document) : document;
  const parsed = identity.safeParse(read);
  if (!parsed.success) {
    throw new ModuleError(file, `a workflow has no usable name and version: ${issuesText(parsed.error)}`);
  }
  return { name: parsed.data.workflow, version: parsed.data.version, document, file };
}

function yamlOf(file: string, text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    const detail = errorText(error);
    throw new ModuleError(file, `a workflow is not YAML: ${detail}`, { cause: error });
  }
}

/** What `Ownership` looks at: tools by their manifests, so that it serves whoever has no code. */
type Brought = Omit<LoadedModules, 'tools'> & { readonly tools: readonly Pick<Tool, 'manifest'>[] };

function namesOf({ tools, workflows, policies, tables, prompts, schemas, ...rest }: Brought): string[] {
  return [
    ...tools.map(({ manifest }) => `tool ${manifest.name}@${manifest.version}`),
    ...workflows.map(({ name, version }) => `workflow ${name}@${version}`),
    ...policies.map(({ id }) => `policy ${id}`),
    ...tables.map(({ id, version }) => `table ${id}@${version}`),
    ...prompts.map(({ id, version }) => `prompt ${id}@${version}`),
    ...schemas.map(({ id, version }) => `schema ${id}@${version}`),
    ...rest.schedules.map(({ name }) => `schedule ${name}`),
    ...rest.notifications.map(({ name }) => `notification ${name}`),
    ...rest.triggers.map(({ id, version }) => `trigger ${id}@${version}`),
  ];
}

/** Which file brings what: no two bring the same. */
export class Ownership {
  readonly #owners = new Map<string, string>();

  /** The file by what it brings: `workflow refund@3`, `schedule nightly`. */
  get files(): ReadonlyMap<string, string> {
    return this.#owners;
  }

  /** @throws {ModuleError} another file brings one of these too */
  claim(file: string, brought: Brought): void {
    for (const thing of namesOf(brought)) {
      const owner = this.#owners.get(thing);
      if (owner !== undefined)
        throw new ModuleError(file, `${thing} is already brought by ${owner}${adviceOn(thing)}`);
      this.#owners.set(thing, file);
    }
  }
}

/** What stands in paths has no name of a module in front of it. */
const adviceOn = (thing: string): string =>
  /^(schedule|notification|trigger) /.test(thing)
    ? ': give it another name'
    : `: give one of the modules a name of its own (name: '...' beside tools and workflows), which then stands in front of what it brings`;
