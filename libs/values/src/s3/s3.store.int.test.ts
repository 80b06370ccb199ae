import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { sha256 } from '@interlock/contracts';
import { freePort } from '@interlock/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bytesOf, valueStoreContract } from '../contract/value.store.contract.js';
import { openStore } from '../open.store.js';
import { StoreUnavailableError } from '../value.store.js';

/* Against moto, a service that speaks S3, as a process of its own. It comes from PyPI, into an environment that goes with the test. */

const MOTO = 'moto[server,s3]==5.2.5';
const environment = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
let folder: string;
let bin: string;
const servers: ChildProcess[] = [];
let endpoint: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'interlock-moto-'));
  bin = process.env.MOTO_BIN ?? installed(join(folder, 'venv'));
  endpoint = await served();
}, 240_000);
afterAll(async () => {
  for (const server of servers) server.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

function installed(venv: string): string {
  const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
  execFileSync(python, ['-m', 'venv', venv]);
  execFileSync(join(venv, 'bin', 'pip'), ['install', '--quiet', '--no-compile', MOTO]);
  return join(venv, 'bin');
}

/** @param unchecked requests that it answers before it checks who asks; absent: all */
async function served(unchecked?: number): Promise<string> {
  const port = await freePort();
  const env = {
    ...process.env,
    ...(unchecked !== undefined && { INITIAL_NO_AUTH_ACTION_COUNT: String(unchecked) }),
  };
  const at = ['-H', '127.0.0.1', '-p', String(port)];
  servers.push(spawn(join(bin, 'moto_server'), at, { stdio: 'ignore', env }));
  const url = `http://127.0.0.1:${port}`;
  await answering(`${url}/moto-api/`);
  return url;
}

async function answering(url: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return;
    await after(100);
  }
  throw new Error('moto does not answer');
}

const urlOf = (bucket: string, at = endpoint): string =>
  `s3://${bucket}/values?endpoint=${encodeURIComponent(at)}&region=us-east-1`;

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

describe('a service that checks who asks', () => {
  let url: string;
  let known: { readonly AWS_ACCESS_KEY_ID: string; readonly AWS_SECRET_ACCESS_KEY: string };

  beforeAll(async () => {
    url = await served(SETUP.length);
    const answers: string[] = [];
    for (const request of SETUP) answers.push(await request(url));
    const textIn = (name: string): string =>
      new RegExp(`<${name}>(.+?)</${name}>`).exec(answers.join(''))?.[1] ?? '';
    known = {
      AWS_ACCESS_KEY_ID: textIn('AccessKeyId'),
      AWS_SECRET_ACCESS_KEY: textIn('SecretAccessKey'),
    };
  }, 60_000);

  const value = { family: 'run-1', hash: sha256('x') };
  const storeFor = (environment: Record<string, string>) => openStore(urlOf('guarded', url), environment);

  // Lists are not here: moto works their signatures out otherwise than AWS publishes, which `sign.test.ts` has.
  test('takes, gives and removes for whoever has the secret', async () => {
    const store = storeFor(known);
    await store.put(value, bytesOf('x'));
    expect(Buffer.from((await store.get(value)) ?? []).toString()).toBe('x');
    await store.remove(value);
    expect(await store.get(value)).toBeUndefined();
  });

  test.each([
    ['a wrong secret', { AWS_SECRET_ACCESS_KEY: 'guessed' }, /SignatureDoesNotMatch/],
    ['an unknown key', { AWS_ACCESS_KEY_ID: 'AKIAUNKNOWN' }, /InvalidAccessKeyId/],
  ])('refuses %s, and nothing is said to be lost', async (_what, changed, code) => {
    const store = storeFor({ ...known, ...changed });
    for (const asked of [
      () => store.get(value),
      () => store.put(value, bytesOf('x')),
      () => store.list(value.family),
      () => store.remove(value),
    ]) {
      await expect(asked()).rejects.toThrow(StoreUnavailableError);
      await expect(asked()).rejects.toThrow(code);
    }
  });
});

/** Makes a user with a key who may do everything, and a bucket: the last requests that nobody checks. */
const SETUP: readonly ((url: string) => Promise<string>)[] = [
  (url) => iam(url, { Action: 'CreateUser', UserName: 'ida' }),
  (url) => iam(url, { Action: 'CreateAccessKey', UserName: 'ida' }),
  (url) =>
    iam(url, {
      Action: 'PutUserPolicy',
      UserName: 'ida',
      PolicyName: 'all',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
      }),
    }),
  async (url) => (await fetch(`${url}/guarded`, { method: 'PUT' })).text(),
];

async function iam(url: string, form: Record<string, string>): Promise<string> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=x/20200101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=x',
    },
    body: new URLSearchParams({ ...form, Version: '2010-05-08' }),
  });
  expect(answer.status).toBe(200);
  return answer.text();
}
