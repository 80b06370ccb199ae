import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { describeDefaults, describeModules } from './describe-modules.js';
import { loadModules, ModuleError } from './load-modules.js';

let directory: string;
let files = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'described-'));
});
afterEach(() => void vi.unstubAllEnvs());
afterAll(() => rm(directory, { recursive: true }));

async function moduleFile(text: string): Promise<string> {
  const file = join(directory, `m${++files}.mjs`);
  await writeFile(file, text);
  return file;
}

const tool = (description: string) => `defineTool({
  name: 'greeting.get', version: 1, description: ${description}, input: z.object({}), output: z.object({ text: z.string() }),
  effect: 'read', risk: 'low', audience: 'public', timeout: '1s', run: () => ({ text: 'hello' }),
})`;
const workflow = 'workflow: greet\nversion: 3\npurpose: Greets.\n';

test('a module is described as if its code had been loaded here, and nothing of it was', async () => {
  const file = await moduleFile(`
    globalThis.foreignCodeWasHere = true;
    export default ({ defineTool, z }) => ({
      tools: [${tool("'Greets.'")}],
      workflows: [${JSON.stringify(workflow)}],
      policies: [{ id: 'greet', text: 'permit(principal, action, resource);' }],
      tables: [{ id: 'rules', rules: [{ when: 'true', then: 1 }], otherwise: 2 }],
    })`);
  const { tools, files, ...described } = await describeModules([file]);
  expect(globalThis).not.toHaveProperty('foreignCodeWasHere');
  const { tools: loadedTools, ...loaded } = await loadModules([file]);
  expect(described).toEqual(loaded);
  expect(files.get('policy greet')).toBe(file);
  expect(tools).toEqual(
    loadedTools.map(({ manifest, toolHash }) => ({ manifest, toolHash, module: { file, env: [] } })),
  );
});

test('its code sees the settings that it declares, PATH and the time zone, and nothing else', async () => {
  vi.stubEnv('GREETING_OF', 'Ada');
  vi.stubEnv('GREETING_SECRET', 'hidden');
  vi.stubEnv('KAFKA_SASL_PASSWORD', 'hidden');
  const file = await moduleFile(`
    export const env = ['GREETING_OF', 'GREETING_ABSENT'];
    const seen = Object.keys(process.env).sort().join() + ' ' + process.env.GREETING_OF + ' ' + process.argv.length;
    export default ({ defineTool, z }) => ({ tools: [${tool('seen')}] })`);
  const { tools } = await describeModules([file]);
  const [seen] = tools;
  expect(seen?.module.env).toEqual(['GREETING_OF', 'GREETING_ABSENT']);
  expect(seen?.manifest.description).toMatch(/^GREETING_OF,(NODE_EXTRA_CA_CERTS,)?PATH(,TZ)? Ada 2$/);
});

test('a module that is asked for again, or declares its settings in the plain way, takes one process only', async () => {
  vi.stubEnv('LOADED', join(directory, 'loaded'));
  const counting = `import { appendFileSync } from 'node:fs';
    if (process.env.LOADED) appendFileSync(process.env.LOADED, 'x'); else appendFileSync(${JSON.stringify(join(directory, 'without'))}, 'x');
    export default () => ({});`;
  const plain = await moduleFile(`export const env = ['LOADED'];\n${counting}`);
  const [first, second] = await Promise.all([describeModules([plain]), describeModules([plain])]);
  expect(second).toEqual(first);
  expect(await readFile(join(directory, 'loaded'), 'utf8')).toBe('x');
  await describeModules([
    await moduleFile(`const names = ['LOADED']; export const env = names;\n${counting}`),
  ]);
  expect(await readFile(join(directory, 'loaded'), 'utf8')).toBe('xx');
  expect(await readFile(join(directory, 'without'), 'utf8')).toBe('x');
});

const declaring = (names: string) => `export const env = ${names}; export default () => ({});`;

test.each<[name: string, text: string, message: RegExp, withinMs?: number]>([
  ['throws when it is loaded', "throw new Error('no database')", /no database/],
  ['throws when it is asked', 'export default () => { throw new Error("no database") }', /no database/],
  [
    'throws a moment later, while it is being loaded',
    'setTimeout(() => { throw new Error("too late") }, 20); export default () => new Promise(() => {});',
    /its code failed while it was loaded: too late/,
  ],
  ['ends its process', 'process.exit(3)', /it ended its process with exit code 3/],
  ['kills itself', "process.kill(process.pid, 'SIGKILL')", /ended before it was loaded \(ended: SIGKILL\)/],
  ['loops', 'for (;;);', /not loaded within 2000 ms: its code waits, or loops/, 2_000],
  ['never answers', 'export default () => new Promise(() => {})', /not loaded within 2000 ms/, 2_000],
  [
    'takes all memory',
    'const all = []; for (;;) all.push(Buffer.alloc(50e6, 1));',
    /ended before it was loaded \(memory/,
  ],
  [
    'floods its pipe',
    "import { writeSync } from 'node:fs'; for (;;) writeSync(3, Buffer.alloc(65536, 255));",
    /\(garbage: a message of 4294967295 bytes/,
  ],
  ['brings something unknown', 'export default () => ({ tool: [] })', /tool/],
  ['asks for a credential', declaring("['KAFKA_SASL_PASSWORD']"), /asks for KAFKA_SASL_PASSWORD/],
  ['asks for a setting of ours', declaring("['INTERLOCK_MODEL_KEY']"), /asks for INTERLOCK_MODEL_KEY/],
  ['changes what Node runs', declaring("['NODE_OPTIONS']"), /asks for NODE_OPTIONS/],
  ['declares no list', declaring("'HOME'"), /must be a list/],
  ['declares others each time', declaring('["N" + process.pid]'), /declares other settings each time/],
])(
  'a module that %s is refused in one sentence that names it',
  async (_name, text, message, withinMs = describeDefaults.withinMs) => {
    const file = await moduleFile(text);
    const options = { withinMs, memoryMb: 300 };
    const error: unknown = await describeModules([file], options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ModuleError);
    expect(String(error)).toMatch(message);
    expect(String(error)).toContain(`module ${file}: `);
  },
);

test('no two modules bring the same', async () => {
  const text = `export default ({ defineTool, z }) => ({ tools: [${tool("''")}] })`;
  const files = [await moduleFile(text), await moduleFile(text)];
  await expect(describeModules(files)).rejects.toThrow(/greeting.get@1 is already brought by/);
});
