import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { importsBelow, type SourceImport } from './source.imports.js';

/** What each library may import of ours: the table of architecture.md section 7. Applications never import one another. */
const table: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  authority: ['contracts'],
  log: ['contracts'],
  values: ['contracts', 'egress'],
  broker: ['contracts'],
  actors: ['contracts', 'log', 'broker'],
  projection: ['contracts', 'log', 'broker'],
  schema: [],
  egress: [],
  language: ['contracts', 'schema'],
  policy: ['contracts'],
  checks: ['contracts', 'actors', 'language', 'policy'],
  approvals: ['contracts', 'actors'],
  run: ['contracts', 'schema', 'language', 'actors'],
  schedules: ['contracts', 'schema', 'actors'],
  tools: ['contracts', 'schema'],
  module: ['language', 'tools'],
  cases: [
    'contracts',
    'log',
    'actors',
    'schema',
    'language',
    'policy',
    'checks',
    'approvals',
    'run',
    'tools',
  ],
  service: ['contracts', 'authority', 'log', 'broker', 'projection', 'actors', 'values'],
  invariants: ['contracts', 'log', 'run'],
  simulation: ['contracts', 'log', 'broker', 'actors', 'language', 'run', 'tools', 'invariants'],
  evidence: ['contracts', 'authority', 'log', 'language', 'actors', 'run'],
  'read-model': ['contracts', 'log', 'broker', 'projection', 'actors', 'evidence', 'language', 'run'],
  commands: [
    'contracts',
    'authority',
    'broker',
    'schema',
    'schedules',
    'language',
    'tools',
    'read-model',
    'service',
  ],
  testing: ['contracts', 'actors'],
};
/** Only the shell of the services and the applications know Nest. */
const nestAllowed = new Set(['service']);
/** Wires the services' modules into one process, so it imports them. */
const compositionRoot = 'all';

describe('the import table holds', () => {
  for (const [library, allowed] of Object.entries(table)) {
    test(`libs/${library} imports only ${allowed.join(', ') || 'nothing of ours'}`, () => {
      const broken = shippedImports(`libs/${library}/src`).filter(
        ({ module }) =>
          module.startsWith('@interlock/') && !allowed.includes(nameOf(module)) && nameOf(module) !== library,
      );
      expect(broken).toEqual([]);
    });

    if (nestAllowed.has(library)) continue;
    test(`libs/${library} does not know Nest`, () => {
      expect(
        shippedImports(`libs/${library}/src`).filter(({ module }) => module.startsWith('@nestjs/')),
      ).toEqual([]);
    });
  }

  test('the run actor takes only types from the actor runtime', () => {
    const values = shippedImports('libs/run/src').filter(
      ({ module, isType }) => module === '@interlock/actors' && !isType,
    );
    expect(values).toEqual([]);
  });

  test('applications never import one another', () => {
    const broken = readdirSync('apps')
      .filter((app) => app !== compositionRoot)
      .flatMap((app) => shippedImports(`apps/${app}/src`))
      .filter(({ module }) => module.startsWith('@interlock/app-') || module.includes('/apps/'));
    expect(broken).toEqual([]);
  });

  test('no file or folder is called common, shared, misc, util, helpers, manager or Impl', () => {
    const names = ['libs', 'apps'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }),
    );
    const ours = names.filter((name) => !/(^|\/)(dist|node_modules)(\/|$)/.test(name));
    expect(
      ours.filter((name) =>
        /(^|[/.-])(commons?|shared|misc|utils?|helpers?|managers?)([/.-]|$)|Impl\./.test(name),
      ),
    ).toEqual([]);
  });
});

/** Of what is shipped. */
const shippedImports = (folder: string): SourceImport[] =>
  importsBelow(folder).filter(({ inTest }) => !inTest);

const nameOf = (module: string): string => module.split('/')[1] ?? '';
