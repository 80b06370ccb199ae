import { readdirSync, readFileSync } from 'node:fs';
import type { ModuleContents, Table, Tool } from '@interlock/module';

/** What lies in the folder of a module: workflows, tables and policies, each named as its file. */
export function partsIn(folder: string | URL, tools: readonly Tool[]): ModuleContents {
  const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
  const names = readdirSync(new URL('.', folder)).sort();
  const ending = (end: string) => names.filter((name) => name.endsWith(end));
  return {
    tools,
    workflows: ending('.workflow.yaml').map(read),
    tables: ending('.table.json').map((name): Table => JSON.parse(read(name))),
    policies: ending('.cedar').map((name) => ({ id: name.replace('.cedar', ''), text: read(name) })),
  };
}
