import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadModules, ModuleError } from './load-modules.js';

let directory: string;
let files = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'modules-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function moduleFile(text: string, ending = 'mjs'): Promise<string> {
  const file = join(directory, `m${++files}.${ending}`);
  await writeFile(file, text);
  return file;
}

const workflow = 'workflow: greet\nversion: 3\npurpose: Greets.\n';
const whole = `export default ({ defineTool, z }) => ({
  tools: [defineTool({
    name: 'greeting.get', version: 1, description: 'Greets.', input: z.object({}), output: z.object({ text: z.string() }),
    effect: 'read', risk: 'low', audience: 'public', timeout: '1s', run: () => ({ text: 'hello' }),
  })],
  workflows: [${JSON.stringify(workflow)}],
  policies: [{ id: 'greet', text: 'permit(principal, action, resource);' }],
  tables: [{ id: 'rules', rules: [{ when: 'true', then: 1 }], otherwise: 2 }],
})`;

test('a module brings tools, workflows as text, policies and tables', async () => {
  const loaded = await loadModules([await moduleFile(whole)]);
  expect(loaded.tools.map(({ manifest }) => manifest.name)).toEqual(['greeting.get']);
  expect(loaded.workflows).toMatchObject([{ name: 'greet', version: 3, document: workflow }]);
  expect(loaded.policies).toHaveLength(1);
  expect(loaded.tables).toMatchObject([{ id: 'rules', version: 1, otherwise: 2 }]);
});

test('a TypeScript module needs no build', async () => {
  const file = await moduleFile('export default (_kit: unknown): object => ({ tools: [] });', 'ts');
  await expect(loadModules([file])).resolves.toMatchObject({ tools: [] });
});

test.each([
  ['does not parse', 'export default (', /it does not load/],
  ['exports no function', 'export default {}', /must be a function/],
  ['throws', 'export default () => { throw new Error("no database") }', /no database/],
  ['brings something unknown', 'export default () => ({ tool: [] })', /: tool: unknown field$/],
  ['brings a tool it made by hand', 'export default () => ({ tools: [{}] })', /not the result of defineTool/],
  ['brings a workflow that is not YAML', 'export default () => ({ workflows: ["a: [" ] })', /not YAML/],
  [
    'brings a nameless workflow',
    'export default () => ({ workflows: [{ version: 1 }] })',
    /name and version/,
  ],
])('a module that %s is refused with its file named', async (_name, text, message) => {
  const file = await moduleFile(text);
  const error = await loadModules([file]).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ModuleError);
  expect(String(error)).toMatch(message);
  expect(String(error)).toContain(file);
});

test('what another module brought already is refused, and both are named', async () => {
  const [first, second] = [await moduleFile(whole), await moduleFile(whole)];
  const error = await loadModules([first, second]).catch((thrown: unknown) => String(thrown));
  expect(error).toContain('tool greeting.get@1');
  expect(error).toContain(first);
  expect(error).toContain(second);
});

test('a file that is no code is refused', async () => {
  await expect(loadModules(['README.md'])).rejects.toThrow(/README\.md.*a module is a file of code/);
});

test('a missing file is refused', async () => {
  await expect(loadModules([join(directory, 'absent.ts')])).rejects.toThrow(/no such file/);
});
