import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openAuthority, sealAuthority } from './sealed.authority.js';
import { SealingKeys, SealingTargets, sealingKeyPath } from './sealing.keys.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'interlock-sealing-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const credential = { token: 'header.claims.signature', proof: 'a.b.c' };

test('what is sealed to a service for a record is opened by it, for that record alone', async () => {
  const approval = SealingKeys.open(directory, 'approval');
  const registry = SealingKeys.open(directory, 'registry');
  const targets = new SealingTargets(directory);
  const sealed = await sealAuthority(credential, targets.keyOf('approval'), 'record-1');
  expect(sealed).not.toContain(Buffer.from(credential.token).toString('base64url').slice(0, 12));
  expect(await openAuthority(sealed, approval, 'approval', 'record-1')).toEqual(credential);
  await expect(openAuthority(sealed, approval, 'approval', 'record-2')).rejects.toThrow(/another command/);
  await expect(openAuthority(sealed, registry, 'registry', 'record-1')).rejects.toThrow(/another service/);
});

test('a header that says another service or record than was sealed opens nothing', async () => {
  const keys = SealingKeys.open(directory, 'approval');
  const sealed = await sealAuthority(credential, new SealingTargets(directory).keyOf('approval'), 'record-1');
  const [head = '', ...rest] = sealed.split('.');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString('utf8'));
  const turned = Buffer.from(JSON.stringify({ ...header, record: 'record-2' })).toString('base64url');
  const opening = openAuthority([turned, ...rest].join('.'), keys, 'approval', 'record-2');
  await expect(opening).rejects.toMatchObject({
    code: 'authority.unsealed',
    message: expect.stringMatching(/opened/),
  });
});

test.each([
  ['nothing', ''],
  ['a token in clear', 'eyJhbGciOiJFZERTQSJ9.e30.c2ln'],
  ['no header', '....'],
  ['without an end', 'a'.repeat(30_000)],
])('%s is no sealed token', async (_what, sealed) => {
  const keys = SealingKeys.open(directory, 'approval');
  await expect(openAuthority(sealed, keys, 'approval', 'r')).rejects.toMatchObject({
    code: 'authority.unsealed',
  });
});

test('after a rotation the gateway seals to the new key, and what is under way to the old one still opens', async () => {
  const keys = SealingKeys.open(directory, 'approval');
  const targets = new SealingTargets(directory);
  const before = targets.keyOf('approval');
  const sealedBefore = await sealAuthority(credential, before, 'r');
  SealingKeys.open(directory, 'approval').rotate(); // Another process: the command line.
  const after = targets.keyOf('approval');
  expect(after.kid).not.toBe(before.kid);
  const sealedAfter = await sealAuthority(credential, after, 'r');
  for (const sealed of [sealedBefore, sealedAfter])
    expect(await openAuthority(sealed, keys, 'approval', 'r')).toEqual(credential);
});

test('only the last keys are kept', async () => {
  const keys = SealingKeys.open(directory, 'approval');
  const sealed = await sealAuthority(credential, new SealingTargets(directory).keyOf('approval'), 'r');
  for (let count = 0; count < 5; count++) keys.rotate();
  await expect(openAuthority(sealed, keys, 'approval', 'r')).rejects.toThrow(/does not have/);
});

test('the private half is its owner’s alone, and the public one holds no secret', () => {
  SealingKeys.open(directory, 'approval');
  const path = join(directory, 'sealing.approval.json');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(sealingKeyPath(directory, 'approval'), 'utf8')).not.toContain('"d"');
  chmodSync(path, 0o644);
  expect(() => SealingKeys.open(directory, 'approval')).toThrow(/chmod 600/);
});

test('a gateway without the public half of a service says which file it wants', () => {
  expect(() => new SealingTargets(directory).keyOf('registry')).toThrow(
    /sealing\.registry\.public\.json.*not there/s,
  );
});
