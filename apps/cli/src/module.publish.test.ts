import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkProof, issuerKeys, KeyFile, TokenVerifier, tokenKeyPath } from '@interlock/authority';
import { hashOf } from '@interlock/contracts';
import type { Schedule } from '@interlock/contracts/http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { run, TestServer } from './server.fixture.js';

const PUBLISH = 'POST /v1/artifacts';
const ACTIVE = 'GET /v1/policy/active';
const listed = (kind: string) => `GET /v1/artifacts?kind=${kind}&documents=true&limit=100`;

let server: TestServer;
let folder: string;
let file: string;
beforeEach(async () => {
  server = new TestServer();
  await server.start();
  for (const kind of ['tool', 'table', 'workflow', 'policy']) server.on(listed(kind), [200, { items: [] }]);
  server.on(PUBLISH, [201, { hash: 'a'.repeat(64) }]);
  folder = mkdtempSync(join(tmpdir(), 'interlock-cli-'));
  file = join(folder, 'till.module.mjs');
  writeFileSync(file, source);
});
afterEach(() => {
  server.stop();
  rmSync(folder, { recursive: true });
});

const workflow = 'workflow: count\nversion: 3\npurpose: Counts.\nsteps: {}\n';
const policies = [{ id: 'count', text: 'permit(principal, action, resource);' }];
/** The write comes first, and names the read that verifies it. */
const source = `export default ({ defineTool, z }) => {
  const tool = (name, more) => defineTool({
    name, version: 2, description: 'Counts.', input: z.object({}), output: z.object({}),
    risk: 'low', audience: 'internal', timeout: '1s', run: () => ({}), ...more,
  });
  return {
    workflows: [${JSON.stringify(workflow)}],
    policies: ${JSON.stringify(policies)},
    tables: [{ id: 'rules', rules: [{ when: 'true', then: 1 }], otherwise: 2 }],
    tools: [
      tool('till.set', { effect: 'write', recovery: { by: 'verify', tool: 'till.get', settleAfter: '2s' } }),
      tool('till.get', { effect: 'read' }),
    ],
  };
};`;

interface Sent {
  readonly kind: string;
  readonly name: string;
  readonly version: number;
  readonly document: unknown;
  readonly commandId: string;
}
const sent = () => server.sent(PUBLISH) as Sent[];
const titles = () => sent().map(({ kind, name, version }) => `${kind} ${name}@${version}`);
const publish = (...more: string[]) => run(server.url, ['module', 'publish', file, ...more]);

/** What the server would list once everything has been published. */
async function publishedAll(): Promise<(Sent & { readonly hash: string; readonly publishedBy: string })[]> {
  await publish();
  const all = sent().map((one) => ({ ...one, hash: hashOf(one.document), publishedBy: 'ada' }));
  for (const { kind } of all)
    server.on(listed(kind), [200, { items: all.filter((one) => one.kind === kind) }]);
  server.asked.length = 0;
  return all;
}

test('what a module brings is published in the order in which one names the other, its policies as one bundle', async () => {
  const { code, out, error } = await publish();
  expect([code, titles()]).toEqual([
    0,
    ['tool till.get@2', 'tool till.set@2', 'table rules@1', 'workflow count@3', 'policy till@1'],
  ]);
  expect(sent().at(-2)?.document).toBe(workflow);
  expect(sent().at(-1)?.document).toEqual({ policies });
  expect(error.split('\n')[0]).toBe('tool till.get@2 is published');
  expect(out).toContain('Module till: 5 published.');
  expect(out).toContain(
    `./interlock policy activate ${hashOf({ policies })} --reason "..." --url ${server.url}`,
  );
  expect(server.asked.filter(({ call }) => call.includes('activations'))).toEqual([]);
});

test('the bundle that would be in force no more is named', async () => {
  const active = { hash: '9'.repeat(64), name: 'desk', version: 4, approvedBy: ['ada'] };
  server.on(ACTIVE, [200, active]);
  expect((await publish()).out).toContain('Put them into force, in place of desk@4: ./interlock policy');
});

test('the answer for programs is on standard output alone', async () => {
  const { code, out } = await publish('--json');
  const { artifacts, ...rest } = JSON.parse(out);
  expect([code, rest]).toEqual([
    0,
    {
      ok: true,
      module: 'till',
      dryRun: false,
      schedules: [],
      activate: expect.stringContaining(`policy activate ${hashOf({ policies })}`),
    },
  ]);
  expect(artifacts[0]).toEqual({
    kind: 'tool',
    name: 'till.get',
    version: 2,
    outcome: 'published',
    hash: 'a'.repeat(64),
  });
});

test('each publication is signed by whoever types', async () => {
  const environment = { INTERLOCK_MODE: 'development', INTERLOCK_KEYS_DIR: folder } as const;
  KeyFile.open(tokenKeyPath(folder));
  await run(server.url, ['module', 'publish', file], { environment });
  const tokens = new TokenVerifier({
    keys: issuerKeys(environment, () => undefined),
    issuer: 'interlock',
    audience: 'interlock',
    lifeMaxS: 900,
  });
  const publications = server.asked.filter(({ call }) => call === PUBLISH);
  expect(publications).toHaveLength(5);
  for (const { headers, body } of publications) {
    const by = await tokens.verify(String(headers.authorization).replace('Bearer ', ''), { at: Date.now() });
    const { commandId, ...rest } = body as Sent;
    const request = { method: 'POST', path: '/v1/artifacts', body: rest };
    await checkProof(String(headers['interlock-proof']), { commandId, by, request });
  }
});

test('what is published unchanged is said to be, and is no error', async () => {
  const all = await publishedAll();
  const bundle = all.find(({ kind }) => kind === 'policy');
  server.on(ACTIVE, [200, { hash: bundle?.hash, name: 'till', version: 1, approvedBy: ['ada', 'bob'] }]);
  const { code, out, error } = await publish();
  expect([code, titles()]).toEqual([0, []]);
  expect(error).toContain('workflow count@3 is published already, unchanged');
  expect(out).toBe('Module till: 5 published already, unchanged.\n');
});

test('changed policies are the next version of the bundle; earlier ones keep theirs', async () => {
  await publishedAll();
  writeFileSync(file, source.replace('permit(', 'forbid('));
  expect((await publish()).code).toBe(0);
  expect(titles()).toEqual(['policy till@2']);
});

test('a version that stands for another document is to be raised, and nothing is published', async () => {
  await publishedAll();
  writeFileSync(file, source.replaceAll("'Counts.'", "'Counts well.'").replace('version: 3', 'version: 4'));
  const { code, out, error } = await publish();
  expect([code, titles()]).toEqual([1, []]);
  const taken = 'this version is published with another document: raise its version';
  expect(out).toContain(`${file}: tool till.get@2: ${taken}\n${file}: tool till.set@2: ${taken}\n`);
  expect(error).toBe('Nothing was published.\n');
});

test('a dry run says what would be published, and sends nothing', async () => {
  const { code, out, error } = await publish('--dry-run');
  expect([code, error, server.asked.filter(({ call }) => call.startsWith('POST'))]).toEqual([0, '', []]);
  expect(out).toContain('workflow count@3: would be published\n');
  expect(out).toContain('Module till: 5 would be published.\n');
});

const refusal = {
  title: 'Refused',
  status: 422,
  detail: 'tool till.set@2 cannot be published.',
  errors: [{ path: 'verify', message: 'names a tool that is not published' }],
};

test('the first refusal ends it, and what was published before is said', async () => {
  server.on(PUBLISH, [201, { hash: 'a'.repeat(64) }], [422, refusal]);
  const { code, error } = await publish();
  expect([code, titles()]).toEqual([1, ['tool till.get@2', 'tool till.set@2']]);
  expect(error).toContain('Stopped at tool till.set@2; before that, tool till.get@2 was published.');
  expect(error).toContain('verify: names a tool that is not published');
});

test('programs are told how far it came', async () => {
  server.on(PUBLISH, [201, { hash: 'a'.repeat(64) }], [422, refusal]);
  expect(JSON.parse((await publish('--json')).out)).toEqual({
    ok: false,
    module: 'till',
    artifacts: [{ kind: 'tool', name: 'till.get', version: 2, outcome: 'published', hash: 'a'.repeat(64) }],
    stoppedAt: { kind: 'tool', name: 'till.set', version: 2 },
    problems: refusal.errors,
  });
});

test('a server that goes away in between is not reachable, and what was published before is said', async () => {
  server.route(
    PUBLISH,
    (response) => response.writeHead(201).end(JSON.stringify({ hash: 'a'.repeat(64) })),
    (response) => response.destroy(),
  );
  const { code, error } = await publish();
  expect(code).toBe(3);
  expect(error).toContain('Stopped at tool till.set@2; before that, tool till.get@2 was published.');
});

test('a file that is not there is wrong usage, a module that does not load is refused, both without a server', async () => {
  const offline = (path: string) => run('http://127.0.0.1:1', ['module', 'publish', path]);
  expect(await offline(join(folder, 'none.ts'))).toMatchObject({
    code: 2,
    error: expect.stringContaining('there is no such file'),
  });
  for (const text of ['export default 7;', 'process.exit(3);', 'throw new Error("no till");']) {
    writeFileSync(file, text);
    const { code, out } = await offline(file);
    expect([code, out]).toEqual([1, expect.stringContaining(`${file}: `)]);
  }
  writeFileSync(file, source.replace('permit(', '\\ud800('));
  expect((await offline(file)).out).toContain('half of a surrogate pair');
});

test('without a server a module that is fine ends with 3', async () => {
  expect((await run('http://127.0.0.1:1', ['module', 'publish', file])).code).toBe(3);
});

describe('a schedule of a module', () => {
  const ADD = 'POST /v1/schedules';
  const CHANGE = 'PATCH /v1/schedules/count-daily';
  const SHOW = 'GET /v1/schedules/count-daily';
  const brought = "{ name: 'count-daily', workflow: 'count', input: { of: 1 }, every: '24h', catchUp: '2h' }";
  const kept: Schedule = {
    name: 'count-daily',
    workflow: 'count',
    input: { of: 1 },
    every: 'P1D',
    timezone: 'UTC',
    overlap: 'skip',
    catchUp: 'PT2H',
    jitter: 'PT0S',
    paused: true,
    status: 'paused',
    by: 'ada',
    createdAt: '2026-11-30T09:15:01.004Z',
    next: [],
    runs: [],
    queued: [],
    last: [],
  };
  const token = `e30.${Buffer.from(JSON.stringify({ sub: 'ada', exp: 4_000_000_000 })).toString('base64url')}.e30`;
  const publishAs = (...more: string[]) => publish('--token', token, ...more);
  const outcomes = async (...more: string[]) =>
    (JSON.parse((await publishAs('--json', ...more)).out) as { schedules: unknown }).schedules;

  beforeEach(() => {
    writeFileSync(file, source.replace('return {', `return { schedules: [${brought}],`));
    server.on(ADD, [201, kept]).on(CHANGE, [200, kept]);
  });

  test('is created when there is none', async () => {
    expect(await outcomes('--dry-run')).toEqual([{ name: 'count-daily', outcome: 'would_be_created' }]);
    expect(server.sent(ADD)).toEqual([]);
    expect(await outcomes()).toEqual([{ name: 'count-daily', outcome: 'created' }]);
    expect(server.sent(ADD)).toMatchObject([{ name: 'count-daily', every: '24h', overlap: 'skip' }]);
  });

  test('that says the same in other words is left unchanged', async () => {
    server.on(SHOW, [200, kept]);
    expect(await outcomes()).toEqual([{ name: 'count-daily', outcome: 'unchanged' }]);
    expect([...server.sent(ADD), ...server.sent(CHANGE)]).toEqual([]);
  });

  test('that says something else is changed, and stays paused', async () => {
    server.on(SHOW, [200, { ...kept, every: 'PT1H' }]);
    expect(await outcomes('--dry-run')).toEqual([{ name: 'count-daily', outcome: 'would_be_changed' }]);
    expect(server.sent(CHANGE)).toEqual([]);
    expect(await outcomes()).toEqual([{ name: 'count-daily', outcome: 'changed' }]);
    expect(server.sent(CHANGE)).toMatchObject([{ every: '24h', version: null, hours: null }]);
    expect(server.sent(CHANGE)[0]).not.toHaveProperty('paused');
  });

  test('that somebody else has made their own is left to them', async () => {
    server.on(SHOW, [200, { ...kept, input: { of: 2 }, by: 'bob' }]);
    const { code, out } = await publishAs();
    expect(code).toBe(0);
    expect(out).toContain('schedule count-daily: left as it is: bob has said last what it starts\n');
    expect([...server.sent(ADD), ...server.sent(CHANGE)]).toEqual([]);
  });

  test('is not mistaken for one of the same name in another tenant', async () => {
    server.on(SHOW, [200, { ...kept, tenant: 'north' }]);
    expect(await outcomes()).toEqual([{ name: 'count-daily', outcome: 'created' }]);
  });
});
