import { readFile } from 'node:fs/promises';
import { hashOf, issuesText, type ToolManifest, toolManifest } from '@interlock/contracts';
import { z } from 'zod';
import { environmentProblem } from './child/child.environment.js';
import { namesDeclaredIn } from './child/declared.names.js';
import type { DescribeAnswer, DescribeRequest } from './child/describe.messages.js';
import { ModuleProcess } from './child/module-process.js';
import { type LoadedModules, loadedContents, ModuleError, moduleFileOf, Ownership } from './load-modules.js';

/** A tool as everybody but its own child knows it: what it promises, and where its code lies. */
export interface DescribedTool {
  readonly manifest: ToolManifest;
  readonly toolHash: string;
  readonly module: ModuleFile;
}

/** A module file and the settings its code may have. */
export interface ModuleFile {
  readonly file: string;
  readonly env: readonly string[];
}

/** What modules bring, without their code. */
export interface DescribedModules extends Omit<LoadedModules, 'tools'> {
  readonly tools: readonly DescribedTool[];
  /** The file that brings something, by its kind and name: `workflow refund@3`, `schedule nightly`. */
  readonly files: ReadonlyMap<string, string>;
}

export interface DescribeOptions {
  /** How long a module may take to say what it brings, ms. */
  readonly withinMs: number;
  readonly memoryMb: number;
}

export const describeDefaults: DescribeOptions = { withinMs: 15_000, memoryMb: 512 };

/** The whole of what one module brings, as JSON. */
const CONTENTS_BYTES_MAX = 16 * 1024 * 1024;
const program = new URL('../dist/child/describe.program.js', import.meta.url);

/**
 * What module files bring, as `loadModules` tells it, but without running any of their code in this process: each is loaded by a child that ends
 * with its answer.
 * @throws {ModuleError} as `loadModules`; also when a module ends its process, floods it, or does not answer in time
 */
export async function describeModules(
  paths: readonly string[],
  options: DescribeOptions = describeDefaults,
): Promise<DescribedModules> {
  const described = await Promise.all(paths.map((path) => describeModule(path, options)));
  const ownership = new Ownership();
  for (const { module, contents } of described) ownership.claim(module.file, contents);
  const contents = described.map((one) => one.contents);
  return {
    tools: described.flatMap(({ module, contents: { tools } }) => tools.map((tool) => ({ ...tool, module }))),
    workflows: contents.flatMap(({ workflows }) => workflows),
    policies: contents.flatMap(({ policies }) => policies),
    tables: contents.flatMap(({ tables }) => tables),
    prompts: contents.flatMap(({ prompts }) => prompts),
    schemas: contents.flatMap(({ schemas }) => schemas),
    schedules: contents.flatMap(({ schedules }) => schedules),
    notifications: contents.flatMap(({ notifications }) => notifications),
    triggers: contents.flatMap(({ triggers }) => triggers),
    files: ownership.files,
  };
}

const contentsOfChild = z.strictObject({
  ...loadedContents,
  tools: z.array(toolManifest.transform((manifest) => ({ manifest, toolHash: hashOf(manifest) }))),
});
type Contents = z.output<typeof contentsOfChild>;

interface Described {
  readonly module: ModuleFile;
  readonly contents: Contents;
}

/** As long may a description be used again: what starts in one process asks for the same modules. */
const KEPT_MS = 60_000;
const kept = new Map<string, Promise<Described>>();

async function describeModule(path: string, options: DescribeOptions): Promise<Described> {
  const file = await moduleFileOf(path);
  const text = await readFile(file, 'utf8');
  const key = hashOf({ file, text, ...options });
  const known = kept.get(key);
  if (known !== undefined) return known;
  const described = askedOf(file, text, options);
  kept.set(key, described);
  const forget = (): boolean => kept.delete(key);
  setTimeout(forget, KEPT_MS).unref();
  described.catch(forget);
  return described;
}

async function askedOf(file: string, text: string, options: DescribeOptions): Promise<Described> {
  const named = namesDeclaredIn(text);
  const guessed = environmentProblem(named) === undefined ? named : [];
  const first = await answerOf(file, guessed, options);
  if (first.kind === 'brings') return describedWith(file, guessed, first.contents);
  if (first.kind !== 'declares')
    throw new ModuleError(file, 'its answer is not to the question it was asked');
  const problem = environmentProblem(first.env);
  if (problem !== undefined) throw new ModuleError(file, problem);
  const env = z.array(z.string()).parse(first.env);
  const second = await answerOf(file, env, options);
  if (second.kind !== 'brings')
    throw new ModuleError(file, 'it declares other settings each time it is loaded');
  return describedWith(file, env, second.contents);
}

const describedWith = (file: string, env: readonly string[], contents: unknown): Described => ({
  module: { file, env },
  contents: checked(file, contents),
});

function checked(file: string, contents: unknown): Contents {
  const parsed = contentsOfChild.safeParse(contents);
  if (!parsed.success) throw new ModuleError(file, issuesText(parsed.error));
  return parsed.data;
}

const answer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('declares'), env: z.unknown() }),
  z.object({ kind: z.literal('brings'), contents: z.unknown() }),
  z.object({ kind: z.literal('failed'), problem: z.string() }),
  z.object({ kind: z.literal('fault'), problem: z.string() }),
]);

/** @throws {ModuleError} */
function answerOf(
  file: string,
  env: readonly string[],
  { withinMs, memoryMb }: DescribeOptions,
): Promise<DescribeAnswer> {
  return new Promise((resolve, reject) => {
    const printed: string[] = [];
    const fail = (problem: string): void => reject(new ModuleError(file, problem));
    const end = (settle: () => void): void => {
      clearTimeout(limit);
      settle();
      child.kill('dismissed');
    };
    const child = new ModuleProcess({
      program,
      file,
      env,
      memoryMb,
      bytesMax: CONTENTS_BYTES_MAX,
      heard: (message) => {
        const heard = answer.parse(message);
        if (heard.kind === 'ready') child.send({ env } satisfies DescribeRequest);
        else if (heard.kind === 'failed') end(() => fail(heard.problem));
        else if (heard.kind === 'fault')
          end(() => fail(`its code failed while it was loaded: ${heard.problem}`));
        else end(() => resolve(heard));
      },
      printed: (line) => printed.push(line),
      died: (death, detail) => {
        clearTimeout(limit);
        const last = printed.findLast((line) => /error/i.test(line));
        fail(
          `its process ended before it was loaded (${death}: ${detail})${last === undefined ? '' : `: ${last}`}`,
        );
      },
    });
    const limit = setTimeout(
      () =>
        end(() =>
          fail(`it was not loaded within ${withinMs} ms: its code waits, or loops, when it is loaded`),
        ),
      withinMs,
    );
  });
}
