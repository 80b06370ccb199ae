import { nameInModule } from '@interlock/contracts';
import { renamedTool } from './define-tool.js';
import type { LoadedModules } from './load-modules.js';
import { withNames } from './policy.names.js';

/** What one module brings, with the names that its author gave. */
type Brought = LoadedModules;

/**
 * What a module that names itself brings, under its full names. What it names in tools, policies, schedules, triggers and notifications is its own where it brings
 * something of that name; documents keep their text, and are compiled as those of this module.
 */
export function inModule<Contents extends Brought>(module: string, brought: Contents): Contents {
  const full = (name: string): string => nameInModule(module, name);
  const tools = new Set(brought.tools.map(({ manifest }) => manifest.name));
  const workflows = new Set(brought.workflows.map(({ name }) => name));
  const toolNamed = (name: string): string => (tools.has(name) ? full(name) : name);
  const workflowNamed = (name: string): string => (workflows.has(name) ? full(name) : name);
  const withFullId = <Named extends { readonly id: string }>(named: Named): Named => ({
    ...named,
    id: full(named.id),
  });
  return {
    ...brought,
    tools: brought.tools.map((tool) => renamedTool(tool, toolNamed)),
    workflows: brought.workflows.map((one) => ({ ...one, name: full(one.name) })),
    policies: brought.policies.map(({ id, text }) => ({
      id: full(id),
      text: withNames(text, (entity, name) => (entity === 'Tool' ? toolNamed(name) : workflowNamed(name))),
    })),
    tables: brought.tables.map(withFullId),
    prompts: brought.prompts.map(withFullId),
    schemas: brought.schemas.map(withFullId),
    schedules: brought.schedules.map((one) => ({ ...one, workflow: workflowNamed(one.workflow) })),
    triggers: brought.triggers.map((one) => ({ ...one, does: startsNamed(one.does, workflowNamed) })),
    notifications: brought.notifications.map((one) => ({
      ...one,
      ...(one.workflows !== undefined && { workflows: one.workflows.map(workflowNamed) }),
      ...(one.by !== undefined && { by: { ...one.by, workflow: workflowNamed(one.by.workflow) } }),
    })),
  };
}

const startsNamed = (
  does: Brought['triggers'][number]['does'],
  workflowNamed: (name: string) => string,
): Brought['triggers'][number]['does'] =>
  'start' in does ? { start: { ...does.start, workflow: workflowNamed(does.start.workflow) } } : does;

/** A name that holds the name of a module already; undefined: there is none. A module says its own once, and no other one's. */
export function prefixedIn(brought: Brought): string | undefined {
  const names = [
    ...brought.tools.map(({ manifest }) => manifest.name),
    ...brought.workflows.map(({ name }) => name),
    ...[...brought.policies, ...brought.tables, ...brought.prompts, ...brought.schemas].map(({ id }) => id),
  ];
  return names.find((name) => name.includes('/'));
}
