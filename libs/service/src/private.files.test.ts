import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigurationError } from './configuration.js';
import { keepPrivate } from './private.files.js';

let home: string;
let umask: number;
beforeEach(() => {
  umask = process.umask(0o022);
  home = mkdtempSync(join(tmpdir(), 'interlock-private-'));
});
afterEach(() => {
  process.umask(umask);
  rmSync(home, { recursive: true });
});

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test('what was open to others before is theirs no more, and what comes is nobody else’s', () => {
  const data = join(home, 'data');
  mkdirSync(join(data, 'gateway'), { recursive: true });
  for (const name of ['log.db', 'gateway/runs.sqlite']) writeFileSync(join(data, name), '', { mode: 0o644 });
  keepPrivate(data);
  writeFileSync(join(data, 'later.db'), '');
  mkdirSync(join(data, 'logs'));
  const found = ['', 'gateway', 'logs', 'log.db', 'gateway/runs.sqlite', 'later.db'].map((name) =>
    modeOf(join(data, name)),
  );
  expect(found).toEqual(['700', '700', '700', '600', '600', '600']);
});

test('keys that others could read are left for people to judge', () => {
  const key = join(home, 'keys', 'tokens.json');
  mkdirSync(join(home, 'keys'));
  writeFileSync(key, '{}');
  chmodSync(key, 0o644);
  keepPrivate(home);
  expect([modeOf(join(home, 'keys')), modeOf(key)]).toEqual(['700', '644']);
});

test.each([
  ['is a file', 'a-file', 'EEXIST'],
  ['is below a file', 'a-file/data', 'ENOTDIR'],
  ['is a link to itself', 'with-a-loop', 'ELOOP'],
])('a data directory that %s is a wrong setting, said in one sentence', (_what, name, code) => {
  writeFileSync(join(home, 'a-file'), '');
  symlinkSync(join(home, 'with-a-loop'), join(home, 'with-a-loop'));
  const refused = () => keepPrivate(join(home, name));
  expect(refused).toThrow(ConfigurationError);
  expect(refused).toThrow(
    new RegExp(`INTERLOCK_DATA_DIR: cannot use .*${name} \\(${code}.*\\): set it to a directory`),
  );
});
