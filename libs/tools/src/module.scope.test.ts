import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadModules } from './load-modules.js';
import { withNames } from './policy.names.js';

let directory: string;
let files = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'modules-'));
});
afterAll(() => rm(directory, { recursive: true }));

const moduleFile = async (contents: string): Promise<string> => {
  const file = join(directory, `m${++files}.mjs`);
  await writeFile(
    file,
    `export default ({ defineTool, z }) => {
      const tool = (spec) => defineTool({ version: 1, description: '', input: z.object({}), output: z.object({}), risk: 'low', audience: 'x', timeout: '1s', run: () => ({}), ...spec });
      return ${contents};
    }`,
  );
  return file;
};

const desk = (name: string) => `{
  ${name}
  tools: [
    tool({ name: 'desk.find', effect: 'read' }),
    tool({ name: 'desk.pay', effect: 'write', recovery: { by: 'verify', tool: 'desk.find', settleAfter: '1s' }, compensate: { tool: 'desk.undo', with: () => ({}) } }),
    tool({ name: 'desk.undo', effect: 'write', recovery: { by: 'verify', tool: 'others.find', settleAfter: '1s' } }),
  ],
  workflows: [{ workflow: 'order', version: 2, purpose: 'x' }],
  policies: [{ id: 'pay', text: 'permit (principal == Workflow::"order", action, resource == Tool::"desk.pay"); // Tool::"desk.pay"' }],
  tables: [{ id: 'rules', rules: [] }],
  prompts: [{ id: 'tone', text: 'x' }],
  schemas: [{ id: 'input', schema: {} }],
  triggers: [{ id: 'hook', secret: 'HOOK', does: { start: { workflow: 'order', input: {} } } }],
  schedules: [{ name: 'nightly', workflow: 'order', input: {}, every: 'PT1H', overlap: 'skip' }],
  notifications: [{ name: 'ops', url: 'https://hooks.example.com/', secret: 'HOOK', on: ['ended'], workflows: ['order', 'other'] }],
}`;

/** Without what stands in paths and collides as before. */
const paths = (name: string): string =>
  desk(name).replace(/ {2}(triggers|schedules|notifications): .*\n/g, '');

test('what a module brings bears its name, and what it names of its own, too', async () => {
  const loaded = await loadModules([await moduleFile(desk("name: 'shop',"))]);
  expect(loaded.tools.map(({ manifest }) => manifest.name)).toEqual([
    'shop/desk.find',
    'shop/desk.pay',
    'shop/desk.undo',
  ]);
  expect(loaded.tools[1]?.manifest).toMatchObject({
    recovery: { by: 'verify', tool: 'shop/desk.find' },
    compensate: { tool: 'shop/desk.undo' },
  });
  expect(loaded.tools[2]?.manifest.recovery).toMatchObject({ tool: 'others.find' });
  expect(loaded.notifications).toMatchObject([{ name: 'ops', workflows: ['shop/order', 'other'] }]);
  expect(loaded.workflows).toMatchObject([
    { name: 'shop/order', version: 2, document: { workflow: 'order' } },
  ]);
  expect(loaded.policies).toEqual([
    {
      id: 'shop/pay',
      text: 'permit (principal == Workflow::"shop/order", action, resource == Tool::"shop/desk.pay"); // Tool::"desk.pay"',
    },
  ]);
  expect(loaded.triggers).toMatchObject([{ id: 'hook', does: { start: { workflow: 'shop/order' } } }]);
  expect(loaded.schedules).toMatchObject([{ name: 'nightly', workflow: 'shop/order' }]);
  expect([loaded.tables, loaded.prompts, loaded.schemas].map(([one]) => one?.id)).toEqual([
    'shop/rules',
    'shop/tone',
    'shop/input',
  ]);
});

test('a module without a name brings what it says', async () => {
  const loaded = await loadModules([await moduleFile(desk(''))]);
  expect(loaded.tools.map(({ manifest }) => manifest.name)).toEqual(['desk.find', 'desk.pay', 'desk.undo']);
});

test('a tool has another hash under another name, and the same in every process', async () => {
  const hashes = async (name: string) =>
    (await loadModules([await moduleFile(desk(name))])).tools.map(({ toolHash }) => toolHash);
  const [plain, shop, again] = [
    await hashes(''),
    await hashes("name: 'shop',"),
    await hashes("name: 'shop',"),
  ];
  expect(shop).toEqual(again);
  expect(shop.filter((hash) => plain.includes(hash))).toEqual([]);
});

test('two modules bring the same names where each has its own, and one of them may have none', async () => {
  const files = [
    await moduleFile(paths("name: 'shop',")),
    await moduleFile(paths("name: 'bank',")),
    await moduleFile(paths('')),
  ];
  const loaded = await loadModules(files);
  expect(loaded.workflows.map(({ name }) => name)).toEqual(['shop/order', 'bank/order', 'order']);
});

describe('a module is refused', () => {
  const refusal = (...files: string[]) => loadModules(files).catch((thrown: unknown) => String(thrown));

  test('when another one without a name brings the same: with what to do about it', async () => {
    const [first, second] = [await moduleFile(desk('')), await moduleFile(desk(''))];
    const message = await refusal(first, second);
    expect(message).toContain(
      `tool desk.find@1 is already brought by ${first}: give one of the modules a name of its own (name: '...'`,
    );
  });
  test('when another one brings a schedule of its name, whatever they are called', async () => {
    const [first, second] = [
      await moduleFile(desk("name: 'shop',")),
      await moduleFile(desk("name: 'bank',")),
    ];
    expect(await refusal(first, second)).toContain(
      `schedule nightly is already brought by ${first}: give it another name`,
    );
  });
  test('when another one has the same name', async () => {
    const [first, second] = [
      await moduleFile(desk("name: 'shop',")),
      await moduleFile(desk("name: 'shop',")),
    ];
    expect(await refusal(first, second)).toContain('tool shop/desk.find@1 is already brought by');
  });
  test('when its name is none', async () => {
    expect(await refusal(await moduleFile(desk("name: 'My Shop',")))).toContain('must be a name like rooms');
  });
  test('when it writes the name of a module itself', async () => {
    expect(
      await refusal(await moduleFile("{ tools: [tool({ name: 'bank/pay', effect: 'read' })] }")),
    ).toContain('bank/pay holds a "/": a module says its own name once');
  });
});

test('in a policy only entities are renamed, not what looks like them in comments and texts', () => {
  const text =
    'permit (principal, action, resource == Tool :: "a") when { context.x == "Tool::\\"a\\"" }; // Tool::"a"';
  expect(withNames(text, (entity, name) => `${entity}/${name}`)).toBe(
    text.replace('Tool :: "a"', 'Tool :: "Tool/a"'),
  );
});
