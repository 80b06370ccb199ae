import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

/* A step kind that the product does not have is put into a copy of it, as CONTRIBUTING says, and runs there. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const toy = fileURLToPath(new URL('toy', import.meta.url));
const copied = ['contracts', 'language', 'run'];
/** Lines that are added to files of the product: in front of the first line that holds the text. */
const added: Readonly<Record<string, readonly (readonly [before: string, line: string])[]>> = {
  'contracts/src/run.events.ts': [
    [
      'export const runLifeEvents',
      "export const CountTicked = defineEvent('count.ticked', 1, z.object({ step, left: z.number(), due: instant }));",
    ],
    ['] as const;\nexport type RunEvent', '  CountTicked,'],
  ],
  'language/src/step/index.ts': [
    ['import { decideForm', "import { countForm } from './count.js';"],
    ['  approvalForm,', '  countForm,'],
  ],
  'run/src/step/index.ts': [
    ['import { decideKind', "import { countEvents } from './count/evolve.js';"],
    ['import { decideKind', "import { countKind } from './count/kind.js';"],
    ['  decide: decideKind', '  count: countKind,'],
    ['...waitEvents', '...countEvents,'],
  ],
};

const copy = mkdtempSync(join(tmpdir(), 'interlock-step-kind-'));
const inCopy = (path: string): string => join(copy, 'libs', path);
const sources = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.txt'));

beforeAll(() => {
  mkdirSync(join(copy, 'node_modules/@interlock'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!name.startsWith('.') && name !== '@interlock')
      symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name));
  for (const name of readdirSync(join(root, 'libs'))) {
    const from = join(root, 'libs', name);
    const to = copied.includes(name) ? inCopy(name) : from;
    symlinkSync(to, join(copy, 'node_modules/@interlock', name));
    if (to === from) continue;
    cpSync(join(from, 'package.json'), join(to, 'package.json'));
    cpSync(join(from, 'src'), join(to, 'src'), {
      recursive: true,
      filter: (path) => !path.endsWith('.test.ts'),
    });
  }
  for (const name of sources(toy)) {
    const to = join(name.startsWith('count.') ? copy : join(copy, 'libs'), name.replace(/\.txt$/, ''));
    mkdirSync(dirname(to), { recursive: true });
    cpSync(join(toy, name), to);
  }
  for (const [path, lines] of Object.entries(added)) writeFileSync(inCopy(path), withLines(path, lines));
  const options = { composite: false, noEmit: true, preserveSymlinks: true, customConditions: ['source'] };
  const settings = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: { ...options, allowImportingTsExtensions: true, types: ['node'] },
    include: ['count.scenario.test.ts'],
  };
  writeFileSync(join(copy, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(copy, 'tsconfig.json'), JSON.stringify(settings));
  const conditions = ['source', 'node', 'import', 'default'];
  const config = { resolve: { conditions, preserveSymlinks: true }, ssr: { resolve: { conditions } } };
  writeFileSync(join(copy, 'vitest.config.ts'), `export default ${JSON.stringify(config)};`);
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

const original = (path: string): string => readFileSync(join(root, 'libs', path), 'utf8');

function withLines(path: string, lines: (typeof added)[string]): string {
  let text = original(path);
  for (const [before, line] of lines) {
    const at = text.indexOf(before);
    expect(at, `${path} holds ${before}`).toBeGreaterThanOrEqual(0);
    const behind = text[at - 1] === '\n' ? '\n' : ' ';
    text = `${text.slice(0, at)}${line}${behind}${text.slice(at)}`;
  }
  return text;
}

/** What a tool of the repository prints over the copy; it may end with a failure. */
function printed(module: string, ...args: readonly string[]): string {
  try {
    return execFileSync(process.execPath, [join(root, 'node_modules', module), ...args], {
      cwd: copy,
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
  }
}

const compile = (): string => printed('tsc7/bin/tsc', '-p', 'tsconfig.json');

test('a step kind is its folder, its document form and a line in each index; one with an event of its own declares that too', () => {
  expect(Object.keys(added)).toEqual([
    'contracts/src/run.events.ts',
    'language/src/step/index.ts',
    'run/src/step/index.ts',
  ]);
  expect(sources(toy).sort()).toEqual([
    'count.scenario.test.ts.txt',
    'language/src/step/count.ts.txt',
    'run/src/step/count/evolve.ts.txt',
    'run/src/step/count/kind.ts.txt',
    'run/src/step/count/work.ts.txt',
  ]);
});

test('with them it compiles, and a run goes through it', { timeout: 180_000 }, () => {
  expect(compile()).toBe('');
  const reported = stripVTControlCharacters(printed('vitest/vitest.mjs', 'run', '--root', copy));
  expect(reported).toMatch(/Tests {2}2 passed/);
});

test('without its lines in the run it does not compile', { timeout: 180_000 }, () => {
  const path = 'run/src/step/index.ts';
  const whole = readFileSync(inCopy(path), 'utf8');
  writeFileSync(inCopy(path), original(path));
  const problems = compile();
  writeFileSync(inCopy(path), whole);
  expect(problems).toMatch(/run\/src\/step\/index\.ts.*Property 'count' is missing/);
  expect(problems).toMatch(/run\/src\/evolve\.ts.*Property '"count\.ticked"' is missing/);
});
