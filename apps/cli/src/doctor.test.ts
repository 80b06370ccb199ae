import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Finding } from './doctor/finding.js';
import { run, TestServer } from './server.fixture.js';

let server: TestServer;
let home: string;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'interlock-doctor-'));
  server = new TestServer();
  await server.start();
  server.on('GET /healthz', [200, {}]).on('GET /readyz', [200, {}]);
  server.on('GET /openapi.json', [200, { info: { version: '1.2.3' } }]);
  server.on('GET /v1/runs?limit=1', [200, { items: [] }]);
  server.on('GET /v1/artifacts?kind=workflow', [200, { items: [{ name: 'refund', version: 1 }] }]);
});
afterEach(() => {
  server.stop();
  rmSync(home, { recursive: true });
});

async function examine(environment: Record<string, string> = {}, url = server.url) {
  const { code, out } = await run(url, ['doctor', '--json'], {
    environment: { INTERLOCK_DATA_DIR: home, ...environment },
  });
  const { findings } = JSON.parse(out) as { findings: Finding[] };
  return { code, wrong: findings.filter(({ ok }) => !ok), findings };
}

test('nothing wrong ends with 0 and names the versions', async () => {
  const { code, wrong, findings } = await examine();
  expect([code, wrong]).toEqual([0, []]);
  expect(findings.map(({ check }) => check)).toEqual(
    expect.arrayContaining([
      'Node',
      'data directory',
      'disk',
      'server',
      'readiness',
      'identity',
      'workflows',
    ]),
  );
  expect(findings.find(({ check }) => check === 'server')?.detail).toContain('1.2.3');
});

test('a data directory that is not there yet is nothing to complain about', async () => {
  expect((await examine({ INTERLOCK_DATA_DIR: join(home, 'later') })).code).toBe(0);
});

test.each([
  ['a key that others may read', 'evidence.json', 0o644, 'chmod 600'],
  ['a folder in which others can put a key', '.', 0o777, 'chmod 700'],
])('%s is found, with the command that closes it', async (_what, name, mode, advice) => {
  mkdirSync(join(home, 'keys'), { mode: 0o700 });
  writeFileSync(join(home, 'keys', 'evidence.json'), '{}', { mode: 0o600 });
  expect((await examine()).wrong).toEqual([]);
  chmodSync(join(home, 'keys', name), mode);
  const { code, wrong } = await examine();
  expect([code, wrong.map(({ check }) => check)]).toEqual([1, ['keys']]);
  expect(wrong[0]?.advice).toContain(advice);
});

test('brokers that do not answer are found, one by one', async () => {
  const alive = new URL(server.url).host;
  const { code, wrong, findings } = await examine({ KAFKA_BROKERS: `${alive}, 127.0.0.1:1, nonsense` });
  expect(code).toBe(1);
  expect(findings.filter(({ check }) => check === 'Kafka').map(({ ok }) => ok)).toEqual([true, false, false]);
  expect(wrong[0]?.detail).toContain('127.0.0.1:1');
});

test('a token the server does not take is found', async () => {
  server.on('GET /v1/runs?limit=1', [401, { title: 'No identity', status: 401, detail: 'It has expired.' }]);
  const { code, wrong } = await examine();
  expect([code, wrong.map(({ check }) => check)]).toEqual([1, ['identity']]);
});

test('a server that is not there ends with 3, and the rest is still examined', async () => {
  const { code, findings } = await examine({}, 'http://127.0.0.1:1');
  expect(code).toBe(3);
  expect(findings.map(({ check }) => check)).toContain('disk');
});
