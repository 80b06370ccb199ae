import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run, TestServer } from './server.fixture.js';

let server: TestServer;
let folder: string;
let file: string;
beforeEach(async () => {
  server = new TestServer();
  await server.start();
  folder = mkdtempSync(join(tmpdir(), 'interlock-cli-'));
  file = join(folder, 'refund.yaml');
});
afterEach(() => {
  server.stop();
  rmSync(folder, { recursive: true });
});

const manifest = (name: string, version: number, properties: object) => ({
  name,
  version,
  description: 'Reads an order.',
  input: { type: 'object', properties, required: Object.keys(properties), additionalProperties: false },
  output: { type: 'object' },
  effect: 'read',
  risk: 'low',
  audience: 'internal',
  timeoutMs: 1_500,
  costUsd: 0,
  origin: 'function',
  pool: 'default',
});
const artifact = (document: { name: string; version: number }) => ({
  kind: 'tool',
  name: document.name,
  version: document.version,
  hash: 'a'.repeat(64),
  publishedBy: 'ada',
  document,
});
const text = { type: 'string' };
/** Two pages: the newest version, which takes `orderId`, is on the second one. */
function publish(): void {
  const page = (kind: string, after = '') =>
    `GET /v1/artifacts?kind=${kind}&documents=true&limit=100${after}`;
  server.on(page('tool'), [
    200,
    { items: [artifact(manifest('orders.get', 1, { id: text }))], next: 'tool/1' },
  ]);
  server.on(page('tool', '&cursor=tool%2F1'), [
    200,
    { items: [artifact(manifest('orders.get', 2, { orderId: text }))] },
  ]);
  server.on(page('table'), [200, { items: [] }]);
  server.on(page('schema'), [200, { items: [] }]);
  for (const kind of ['workflow', 'prompt', 'trigger']) server.on(page(kind), [200, { items: [] }]);
}

const document = (step: string) => `workflow: refund
version: 3
purpose: Resolve it.
input: { type: object, properties: { orderId: { type: string } }, required: [orderId] }
steps:
  order:
    tool: orders.get
    with: { ${step}: "\${input.orderId}" }
  other:
    wait: { for: PT1S }
  pause:
    needs: [order, other]
    when: input.orderId == "a"
    wait: { for: PT1S }
`;

test('check compiles here, with the newest of what the server has published', async () => {
  publish();
  writeFileSync(file, document('orderId'));
  const { code, out } = await run(server.url, ['workflow', 'check', file]);
  expect(out).toContain('refund@3 is fine: 3 steps');
  expect(code).toBe(0);
});

test('check names file, line and column of every problem, and ends with 1', async () => {
  publish();
  writeFileSync(file, document('id').replace('needs: [order, other]', 'needs: [ordr]'));
  const { code, out } = await run(server.url, ['workflow', 'check', file]);
  expect(code).toBe(1);
  expect(out).toMatch(new RegExp(`${file}:8:\\d+: steps\\.order\\.with`));
  expect(out).toMatch(new RegExp(`${file}:12:\\d+: .*ordr`));
  expect(JSON.parse((await run(server.url, ['workflow', 'check', file, '--json'])).out).ok).toBe(false);
});

test('check without a server says what it needs, and ends with 3', async () => {
  writeFileSync(file, document('orderId'));
  const { code, error } = await run('http://127.0.0.1:1', ['workflow', 'check', file]);
  expect(code).toBe(3);
  expect(error).toContain('a check needs the tools');
});

test('publish sends the text as it is, under the name and version it says', async () => {
  writeFileSync(file, document('orderId'));
  server.on('POST /v1/artifacts', [201, { hash: 'h' }]);
  const { code } = await run(server.url, ['workflow', 'publish', file]);
  expect(code).toBe(0);
  expect(server.sent('POST /v1/artifacts')).toEqual([
    {
      kind: 'workflow',
      name: 'refund',
      version: 3,
      document: document('orderId'),
      commandId: expect.any(String),
    },
  ]);
});

test('publish shows where the registry found something wrong', async () => {
  writeFileSync(file, document('orderId'));
  const errors = [{ path: 'steps.order', message: 'is not published', line: 6, column: 3 }];
  server.on('POST /v1/artifacts', [422, { title: 'Refused', status: 422, detail: 'No.', errors }]);
  const { code, out } = await run(server.url, ['workflow', 'publish', file]);
  expect([code, out]).toEqual([1, `${file}:6:3: steps.order: is not published\n1 problem\n`]);
});

test('publish refuses what has no name, without a server', async () => {
  writeFileSync(file, 'steps: {}');
  expect((await run('http://127.0.0.1:1', ['workflow', 'publish', file])).code).toBe(1);
  writeFileSync(file, 'a: [');
  expect((await run('http://127.0.0.1:1', ['workflow', 'publish', file])).out).toContain(`${file}:1`);
});

test('graph draws the steps as a tree, or for Graphviz, without a server', async () => {
  writeFileSync(file, document('orderId'));
  const { out } = await run('http://127.0.0.1:1', ['workflow', 'graph', file]);
  expect(out).toMatchInlineSnapshot(`
    "refund@3
    order  tool orders.get
    other  wait PT1S
    └─ pause  wait PT1S   also after order   if input.orderId == "a"
    "
  `);
  const dot = (await run('http://127.0.0.1:1', ['workflow', 'graph', file, '--dot'])).out;
  expect(dot).toContain('"order" -> "pause";');
  expect(dot).toContain('if input.orderId == \\"a\\"');
});

test('graph names steps that wait for themselves', async () => {
  writeFileSync(file, document('orderId').replace('  order:\n', '  order:\n    needs: [pause]\n'));
  const { code, out } = await run('http://127.0.0.1:1', ['workflow', 'graph', file]);
  expect(code).toBe(1);
  expect(out).toMatch(/:6:3: steps\.order: waits for itself|: steps\.\w+: waits for itself/);
});

test('tool list shows what each tool does and how a doubt is resolved', async () => {
  publish();
  const { out } = await run(server.url, ['tool', 'list']);
  expect(out).toMatch(/orders\.get@2\s+read\s+low\s+1\.5 s\s+Reads an order\./);
});
