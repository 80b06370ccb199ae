import { sign, verify } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KeyFile } from './key-file.js';
import { keyIdOf } from './key-pair.js';
import { parseKeySet } from './key-set.js';
import { createSafely } from './safe-file.js';

let home: string;
let path: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'interlock-keys-'));
  path = join(home, 'keys', 'evidence.json');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const bytes = Buffer.from('head');
const modeOf = (at: string) => statSync(at).mode & 0o777;

test('a key is made once, for nobody but its owner, and is the same when it is opened again', () => {
  const made = KeyFile.open(path);
  expect(modeOf(path)).toBe(0o600);
  expect(modeOf(join(home, 'keys'))).toBe(0o700);
  expect(readdirSync(join(home, 'keys'))).toEqual(['evidence.json']);
  const { keyId, privateKey, publicKey } = KeyFile.open(path).current;
  expect(keyId).toBe(made.current.keyId);
  expect(keyId).toMatch(/^[0-9a-f]{16}$/);
  expect(keyId).toBe(keyIdOf(publicKey));
  expect(verify(null, bytes, made.current.publicKey, sign(null, bytes, privateKey))).toBe(true);
});

test('looking for a key makes none', () => {
  expect(KeyFile.find(path)).toBeUndefined();
  expect(readdirSync(home)).toEqual([]);
});

test.each(['640', '604', '620', '666'])(
  'a file of mode 0o%s is refused, and the message says what to do',
  (mode) => {
    KeyFile.open(path);
    chmodSync(path, Number.parseInt(mode, 8));
    expect(() => KeyFile.open(path)).toThrow(`chmod 600 ${path}`);
    expect(modeOf(path).toString(8)).toBe(mode);
  },
);

test('a directory in which others can put another key is refused', () => {
  KeyFile.open(path);
  chmodSync(join(home, 'keys'), 0o777);
  expect(() => KeyFile.open(path)).toThrow(`chmod 700 ${join(home, 'keys')}`);
});

test('a symbolic link is refused', () => {
  KeyFile.open(path);
  const link = join(home, 'keys', 'link.json');
  symlinkSync(path, link);
  expect(() => KeyFile.open(link)).toThrow('symbolic link');
});

test.each([
  ['nothing', () => ''],
  ['half of it', (text: string) => text.slice(0, text.length / 2)],
  ['another name for the key', (text: string) => text.replace(/("keyId": ")...../, '$100000')],
  ['a key too short', (text: string) => text.replace(/"d": "[^"]+"/, '"d": "AAAA"')],
])('a file that holds %s is refused, and no new key takes its place', (_what, change) => {
  KeyFile.open(path);
  const broken = change(readFileSync(path, 'utf8'));
  writeFileSync(path, broken);
  expect(() => KeyFile.open(path)).toThrow('holds no usable keys');
  expect(readFileSync(path, 'utf8')).toBe(broken);
});

test('after a rotation the new key signs, the old one stays known, and its private part is gone', () => {
  const file = KeyFile.open(path);
  const old = file.current;
  const signature = sign(null, bytes, old.privateKey);
  const { d } = old.privateKey.export({ format: 'jwk' });
  file.rotate();
  expect(file.current.keyId).not.toBe(old.keyId);
  expect([...file.publicKeys.keys()]).toEqual([file.current.keyId, old.keyId]);
  expect(verify(null, bytes, file.publicKeys.get(old.keyId)!, signature)).toBe(true);
  expect(readFileSync(path, 'utf8')).not.toContain(d);
  expect(modeOf(path)).toBe(0o600);
  expect(readdirSync(join(home, 'keys'))).toEqual(['evidence.json']);
});

test('a process that has the file open signs with the key that another one rotated to', () => {
  const [running, operator] = [KeyFile.open(path), KeyFile.open(path)];
  operator.rotate();
  const { keyId } = operator.rotate();
  expect(running.current.keyId).toBe(keyId);
  expect(running.publicKeys.size).toBe(3);
});

test('a rotation that died says which file to delete', () => {
  const file = KeyFile.open(path);
  writeFileSync(`${path}.rotating`, '');
  expect(() => file.rotate()).toThrow(`${path}.rotating`);
  rmSync(`${path}.rotating`);
  file.rotate();
  expect(file.publicKeys.size).toBe(2);
});

test('the key set names every key by what it is, and reads back', () => {
  const file = KeyFile.open(path);
  file.rotate();
  const set = file.keySet();
  expect(set.current).toBe(file.current.keyId);
  expect(JSON.stringify(set)).not.toContain('"d"');
  const read = parseKeySet(JSON.parse(JSON.stringify(set)));
  expect([...read.keys()]).toEqual([...file.publicKeys.keys()]);
  const swapped = { keys: [{ ...set.keys[0], kid: set.keys[1]?.kid }] };
  expect(() => parseKeySet(swapped)).toThrow('the key called');
  expect(() => parseKeySet({ keys: [{ ...set.keys[0], x: 'AA' }] })).toThrow('not an Ed25519 key');
  expect(() => parseKeySet([])).toThrow('not a set of public keys');
});

test('of many that make the file at once, one does, and all have its key', async () => {
  const execArgv = ['--experimental-transform-types', '--disable-warning=ExperimentalWarning'];
  const gate = new SharedArrayBuffer(4);
  const source = new URL('./key-file.race.fixture.mjs', import.meta.url);
  const workers = Array.from(
    { length: 4 },
    () => new Worker(source, { workerData: { path, gate }, execArgv }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const ids = Promise.all(workers.map((worker) => once(worker, 'message')));
  Atomics.store(new Int32Array(gate), 0, 1);
  Atomics.notify(new Int32Array(gate), 0);
  expect(new Set((await ids).flat()).size).toBe(1);
  expect(readdirSync(join(home, 'keys'))).toEqual(['evidence.json']);
});

test('who comes second to make a file changes nothing in it', () => {
  expect([createSafely(path, 'first'), createSafely(path, 'second')]).toEqual([true, false]);
  expect(readFileSync(path, 'utf8')).toBe('first');
  expect(readdirSync(join(home, 'keys'))).toEqual(['evidence.json']);
});
