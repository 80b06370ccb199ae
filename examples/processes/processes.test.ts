import { readdirSync, readFileSync } from 'node:fs';
import { modulesCatalogue } from '@interlock/cases';
import { compileWorkflow } from '@interlock/language';
import { defineTool, HttpStatusError, type ModuleKit } from '@interlock/tools';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import money from './money/module.ts';
import operations from './operations/module.ts';
import orders from './orders/module.ts';
import people from './people/module.ts';

type Steps = Readonly<Record<string, Step>>;
interface Step {
  readonly workflow?: string;
  readonly steps?: Steps;
  readonly switch?: readonly { readonly steps: Steps }[];
  readonly [field: string]: unknown;
}
interface Document {
  readonly workflow: string;
  readonly steps: Steps;
}

const kit: ModuleKit = { defineTool, z, HttpStatusError };
const modules = { people, money, orders, operations };
const folderOf = (name: string) => new URL(`${name}/`, import.meta.url);
const sourcesIn = (name: string): string[] =>
  readdirSync(folderOf(name))
    .filter((file) => file.endsWith('.workflow.yaml'))
    .map((file) => readFileSync(new URL(file, folderOf(name)), 'utf8'));

/** Every step, those in bodies too. */
const stepsOf = (steps: Steps): Step[] =>
  Object.values(steps).flatMap((step) => [
    step,
    ...stepsOf(step.steps ?? {}),
    ...(step.switch ?? []).flatMap((branch) => stepsOf(branch.steps)),
  ]);

describe.each(Object.entries(modules))('%s', (name, module) => {
  const documents = sourcesIn(name).map((source) => parse(source) as Document);
  const named = (reference: string) => documents.find(({ workflow }) => reference.startsWith(`${workflow}@`));
  const started = new Set(
    documents.flatMap(({ steps }) =>
      stepsOf(steps).flatMap((step) => (step.workflow === undefined ? [] : [named(step.workflow)])),
    ),
  );
  const processes = documents.filter((document) => !started.has(document));
  /** Of the process and of those that it starts. */
  const familyOf = ({ steps }: Document): Step[] =>
    stepsOf(steps).flatMap((step) => [
      step,
      ...(step.workflow === undefined ? [] : stepsOf(named(step.workflow)?.steps ?? {})),
    ]);

  test('compiles, all of it', async () => {
    const { catalogue } = await modulesCatalogue([`examples/processes/${name}`]);
    const problems = sourcesIn(name).flatMap((source) => {
      const compilation = compileWorkflow(source, catalogue);
      return compilation.ok ? [] : compilation.problems;
    });
    expect(problems).toEqual([]);
  });

  test('has five processes, each with a loop, a child, people, a write that can be undone, and a schedule', async () => {
    const { tools = [], schedules = [] } = await module(kit);
    const undoable = new Set(
      tools.flatMap(({ manifest }) => (manifest.compensate === undefined ? [] : [manifest.name])),
    );
    const lacking = processes.map((process) => {
      const steps = familyOf(process);
      const has = (...kinds: readonly string[]) => steps.some((step) => kinds.some((kind) => kind in step));
      const asks = steps.some(
        (step) => step.onFailure === 'escalate' || JSON.stringify(step.wait ?? {}).includes('signal'),
      );
      return {
        process: process.workflow,
        loop: has('forEach', 'repeat'),
        child: has('workflow'),
        people: has('approval', 'form') || asks,
        undo: steps.some(({ tool }) => undoable.has(String(tool))),
        schedule: schedules.some(({ workflow }) => workflow === process.workflow),
      };
    });
    expect(lacking).toHaveLength(5);
    expect(lacking.filter((one) => Object.values(one).includes(false))).toEqual([]);
  });
});
