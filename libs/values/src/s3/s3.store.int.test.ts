import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { sha256 } from '@interlock/contracts';
import { freePort } from '@interlock/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bytesOf, valueStoreContract } from '../contract/value.store.contract.js';
import { openStore } from '../open.store.js';
import { StoreUnavailableError } from '../value.store.js';

/* Against moto, a service that speaks S3, as a process of its own. It comes from PyPI, into an environment that goes with the test. */

const MOTO = 'moto[server,s3]==5.2.5';
const environment = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
let folder: string;
let server: ChildProcess;
let endpoint: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interlock-moto-'));
  const bin = process.env.MOTO_BIN ?? installed(join(folder, 'venv'));
  const port = await freePort();
  endpoint = `http://127.0.0.1:${port}`;
  server = spawn(join(bin, 'moto_server'), ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  await answering();
}, 240_000);
afterAll(async () => {
  server?.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

function installed(venv: string): string {
  const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
  execFileSync(python, ['-m', 'venv', venv]);
  execFileSync(join(venv, 'bin', 'pip'), ['install', '--quiet', '--no-compile', MOTO]);
  return join(venv, 'bin');
}

async function answering(): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (
      await fetch(endpoint).then(
        () => true,
        () => false,
      )
    )
      return;
    await after(100);
  }
  throw new Error('moto does not answer');
}

const urlOf = (bucket: string, prefix = 'values'): string =>
  `s3://${bucket}/${prefix}?endpoint=${encodeURIComponent(endpoint)}&region=us-east-1`;

async function freshBucket(): Promise<string> {
  const bucket = `b-${randomUUID()}`;
  expect((await fetch(`${endpoint}/${bucket}`, { method: 'PUT' })).status).toBe(200);
  return bucket;
}

valueStoreContract('a bucket', async () => {
  const bucket = await freshBucket();
  return { store: openStore(urlOf(bucket), environment), again: () => openStore(urlOf(bucket), environment) };
});

test('more values than one page of a list holds are all listed', async () => {
  const store = openStore(urlOf(await freshBucket()), environment);
  const texts = Array.from({ length: 1_050 }, (_, at) => `value ${at}`);
  for (let at = 0; at < texts.length; at += 50)
    await Promise.all(
      texts.slice(at, at + 50).map((text) => store.put({ family: 'run', hash: sha256(text) }, bytesOf(text))),
    );
  expect(await store.list('run')).toHaveLength(1_050);
}, 120_000);

test('a bucket that is not there is unavailable, and its values are not said to be lost', async () => {
  const store = openStore(urlOf('nobody-has-made-it'), environment);
  await expect(store.get({ family: 'run', hash: sha256('x') })).rejects.toThrow(/NoSuchBucket/);
  await expect(store.check()).rejects.toThrow(StoreUnavailableError);
});

test('a service that is away is unavailable', async () => {
  const url = `s3://bucket?endpoint=${encodeURIComponent(`http://127.0.0.1:${await freePort()}`)}`;
  await expect(openStore(url, environment).check()).rejects.toThrow(StoreUnavailableError);
});
