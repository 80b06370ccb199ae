import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evidenceKeyPath, KeyFile } from '@interlock/authority';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportOf, PartitionUnderTest } from '../../../../libs/evidence/src/verify/partition.fixture.js';
import { perform, run, runId } from '../../../../libs/run/test/run-scenario.js';
import { write } from '../../../../libs/run/test/workflows.js';
import { runCli } from '../program.js';

/** A server that exports one run of two writes, signed with the key in its data directory. */
let server: Server;
let url: string;
let home: string;
let texts: string[];
const nobody = 'http://127.0.0.1:1';
/** Event that is forged in some tests. */
const FORGED = 3;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'interlock-cli-'));
  const keys = KeyFile.open(evidenceKeyPath(join(home, 'keys')));
  texts = exportOf(runId, await recordsOf(), keys.current, Date.UTC(2026, 10, 23));
  const answers: Record<string, () => string> = {
    '/v1/keys': () => JSON.stringify(keys.keySet()),
    [`/v1/runs/${runId}/events`]: () => `${texts.join('\n')}\n`,
    '/v1/runs/another/events': () => `${texts.join('\n')}\n`,
    [`/v1/runs/${runId}/state?at=2`]: () =>
      JSON.stringify({ runId, seq: 2, stateVersion: 2, hash: 'abc', state: { seq: 2 } }),
  };
  server = createServer((request, response) => {
    const answer = answers[request.url ?? ''];
    response
      .writeHead(answer === undefined ? 404 : 200)
      .end(answer?.() ?? '{"title":"Unknown","detail":"no"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(home, { recursive: true, force: true });
});

async function recordsOf(change: (type: string, data: unknown) => unknown = (_type, data) => data) {
  const scenario = run([write('order'), write('pay', { needs: ['order'] })]);
  for (const step of ['order', 'pay']) perform(scenario, step);
  const partition = new PartitionUnderTest();
  const host = partition.claim();
  for (const { type, data, time } of scenario.events) await host.write(runId, type, change(type, data), time);
  return partition.accepted(runId);
}

async function cli(line: string[], { at = nobody, data = join(home, 'nothing') } = {}) {
  let out = '';
  let error = '';
  const code = await runCli([...line, '--url', at], {
    environment: { INTERLOCK_DATA_DIR: data },
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
  });
  return { code, out, error };
}

function fileOf(name: string, lines: readonly string[]): string {
  const path = join(home, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

const keysFile = () =>
  fileOf('keys.json', [JSON.stringify(KeyFile.open(evidenceKeyPath(join(home, 'keys'))).keySet())]);
const good = () => fileOf('good.ndjson', texts);

test('run export writes what the server sends, and verify takes it offline with a file of keys', async () => {
  const { code, out } = await cli(['run', 'export', runId], { at: url });
  expect([code, out]).toEqual([0, `${texts.join('\n')}\n`]);
  const file = fileOf('exported.ndjson', [out.trimEnd()]);
  const verified = await cli(['verify', file, '--keys', keysFile()]);
  expect([verified.code, verified.out]).toEqual([0, expect.stringContaining(`${texts.length - 1} events`)]);
});

test('keys come from the server, else from the data directory', async () => {
  expect((await cli(['verify', good()], { at: url })).code).toBe(0);
  expect((await cli(['verify', good()], { data: home })).code).toBe(0);
  expect((await cli(['verify', runId], { at: url })).code).toBe(0);
});

test('without any key nothing is proven: 3, and the places looked at are named', async () => {
  const { code, out } = await cli(['verify', good()]);
  expect(code).toBe(3);
  expect(out).toContain('--keys');
  expect(out).toContain(`${nobody}/v1/keys`);
  const json = await cli(['verify', good(), '--json']);
  expect([json.code, JSON.parse(json.out)]).toMatchObject([3, { ok: false, problem: { code: 'no_key' } }]);
  expect((await cli(['verify', good(), '--keys', fileOf('none.json', ['{"keys":[]}'])])).code).toBe(3);
});

test('without any key what is wrong with the records is still wrong', async () => {
  const dropped = fileOf('dropped.ndjson', texts.toSpliced(FORGED - 1, 1));
  expect((await cli(['verify', dropped])).code).toBe(1);
});

test('a named file of keys is the only one that counts', async () => {
  const stranger = KeyFile.open(join(home, 'stranger', 'evidence.json')).keySet();
  const { code, out } = await cli(
    ['verify', good(), '--keys', fileOf('stranger.json', [JSON.stringify(stranger)])],
    {
      at: url,
      data: home,
    },
  );
  expect(code).toBe(1);
  expect(out).toContain('none of the known keys');
});

test('a server that sends another run than the one asked for proves nothing', async () => {
  for (const command of ['verify', 'replay']) {
    const { code, out } = await cli([command, 'another'], { at: url });
    expect([code, out]).toEqual([1, expect.stringContaining(`asked for run another and sent run ${runId}`)]);
  }
});

test('another copy that is not there is wrong usage', async () => {
  expect(await cli(['verify', good(), '--against', join(home, 'none.ndjson')])).toMatchObject({
    code: 2,
    error: expect.stringContaining('is not a file'),
  });
});

test('the first wrong event is named, for people and for programs', async () => {
  const swapped = fileOf('swapped.ndjson', texts.toSpliced(1, 2, texts[2]!, texts[1]!));
  const { code, out } = await cli(['verify', swapped], { at: url });
  expect([code, out]).toEqual([1, expect.stringMatching(/FAIL {2}line 2, event 2: .*stands in line 3/)]);
  const json = JSON.parse((await cli(['verify', swapped, '--json'], { at: url })).out);
  expect(json).toMatchObject({ ok: false, records: 1, problem: { code: 'misplaced', at: 2, seq: 2 } });
});

test('when the chain was computed again, the copy of the server shows which event was edited', async () => {
  let place = 0;
  const records = await recordsOf((_type, data) => {
    place += 1;
    return place === FORGED ? { ...(data as object), forged: true } : data;
  });
  const forged = fileOf('forged.ndjson', [...records.map((line) => JSON.stringify(line)), texts.at(-1)!]);
  const { code, out } = await cli(['verify', forged], { at: url });
  expect([code, out]).toEqual([1, expect.stringContaining(`event ${FORGED} is the first`)]);
  const beside = await cli(['verify', forged, '--keys', keysFile(), '--against', good(), '--json']);
  expect([beside.code, JSON.parse(beside.out)]).toMatchObject([1, { edited: FORGED }]);
});

test('verify --deep checks also what must hold of every run', async () => {
  expect((await cli(['verify', good(), '--deep'], { data: home })).code).toBe(0);
  const wrong = await recordsOf((type, data) =>
    type === 'run.checkpointed' ? { ...(data as object), stateHash: 'f'.repeat(64) } : data,
  );
  const signed = fileOf(
    'wrong.ndjson',
    exportOf(runId, wrong, KeyFile.open(evidenceKeyPath(join(home, 'keys'))).current, 0),
  );
  expect((await cli(['verify', signed], { data: home })).code).toBe(0);
  const { code, out } = await cli(['verify', signed, '--deep'], { data: home });
  expect([code, out]).toEqual([1, expect.stringContaining('I8: ')]);
  const replayed = await cli(['replay', signed]);
  expect([replayed.code, replayed.out]).toEqual([1, expect.stringMatching(/FAIL {2}event \d+ \(/)]);
});

test('replay folds a run of the server or of a file, and says how many checkpoints agree', async () => {
  expect(await cli(['replay', runId], { at: url })).toMatchObject({
    code: 0,
    out: expect.stringContaining('2 checkpoints agree'),
  });
  const { code, out } = await cli(['replay', good(), '--json']);
  expect([code, JSON.parse(out)]).toMatchObject([0, { result: 'agrees', agreed: 2, runId }]);
});

test('replay takes no checkpoint of another version as good, and no file that was tampered with', async () => {
  const old = await recordsOf((type, data) =>
    type === 'run.checkpointed' ? { ...(data as object), stateVersion: 0 } : data,
  );
  const file = fileOf(
    'old.ndjson',
    exportOf(runId, old, KeyFile.open(evidenceKeyPath(join(home, 'keys'))).current, 0),
  );
  expect(await cli(['replay', file])).toMatchObject({
    code: 1,
    out: expect.stringContaining('not comparable'),
  });
  const dropped = fileOf('dropped.ndjson', texts.toSpliced(FORGED - 1, 1));
  expect(await cli(['replay', dropped])).toMatchObject({
    code: 1,
    out: expect.stringMatching(/is missing[\s\S]*\?\? {2}2 events folded/),
  });
});

test('state shows the state after an event', async () => {
  const { code, out } = await cli(['state', runId, '--at', '2'], { at: url });
  expect([code, out]).toEqual([0, expect.stringContaining('"seq": 2')]);
});

test('keys are listed and rotated where the data directory is', async () => {
  const data = join(home, 'rotating');
  expect(await cli(['keys', 'list'], { data })).toMatchObject({
    code: 2,
    error: expect.stringContaining('INTERLOCK_DATA_DIR'),
  });
  const { keyId } = KeyFile.open(evidenceKeyPath(join(data, 'keys'))).current;
  expect(JSON.parse((await cli(['keys', 'rotate', '--dry-run', '--json'], { data })).out).current).toBe(
    keyId,
  );
  const rotated = JSON.parse((await cli(['keys', 'rotate', '--json'], { data })).out);
  expect(rotated.keys.map(({ kid }: { kid: string }) => kid)).toEqual([rotated.current, keyId]);
  chmodSync(evidenceKeyPath(join(data, 'keys')), 0o644);
  expect(await cli(['keys', 'list'], { data })).toMatchObject({
    code: 2,
    error: expect.stringContaining('chmod 600'),
  });
});

test.each([
  [['verify', '/no/such/file']],
  [['verify', 'nothing.ndjson']],
  [['verify', tmpdir()]],
  [['verify']],
  [['state', 'run-1', '--at', '0']],
  [['verify', 'run-1', '--keys', '/no/such/file']],
])('wrong usage ends with 2: %j', async (line) => {
  expect((await cli(line)).code).toBe(2);
});

test('a run that no server exports ends with 3, one it does not know with 1', async () => {
  expect((await cli(['verify', 'run-1'])).code).toBe(3);
  expect((await cli(['verify', 'run-9'], { at: url })).code).toBe(1);
  expect((await cli(['replay', 'run-1'])).code).toBe(3);
});
