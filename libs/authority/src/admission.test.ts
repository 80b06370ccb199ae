import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '@interlock/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CommandVerifier } from './admission.js';
import { KeyFile, tokenKeyPath } from './keys/key-file.js';
import { type ClientKey, openClientKey } from './proof/client.key.js';
import { signCommand } from './proof/client.proof.js';
import { requestOf } from './proof/client.request.js';
import { type Credential, sealAuthority } from './sealing/sealed.authority.js';
import { SealingKeys, SealingTargets } from './sealing/sealing.keys.js';
import { signDevelopmentToken } from './tokens/development.token.js';
import { issuerKeys } from './tokens/issuer.keys.js';
import { TokenVerifier } from './tokens/token.verifier.js';

const NOW = 1_900_000_000_000;
const LIFE_S = 900;
const LATER = NOW + 3_600_000;
const names = { issuer: 'us', audience: 'interlock' };
const by = { sub: 'ada', roles: ['admin'] };
const message = {
  type: 'policy.activate',
  data: { commandId: 'c-1', by, issuedAt: NOW, hash: 'h', reason: 'read' },
};

let directory: string;
let commands: CommandVerifier;
let client: ClientKey;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'interlock-verify-'));
  KeyFile.open(tokenKeyPath(directory));
  client = await openClientKey(join(directory, 'client.json'));
  commands = new CommandVerifier({
    service: 'registry',
    mode: 'production',
    role: undefined,
    keys: SealingKeys.open(directory, 'registry'),
    tokens: new TokenVerifier({
      ...names,
      lifeMaxS: LIFE_S,
      keys: issuerKeys({ INTERLOCK_MODE: 'development', INTERLOCK_KEYS_DIR: directory }, () => undefined),
    }),
  });
});
afterEach(() => rmSync(directory, { recursive: true }));

async function tokenAt(issuedAt: number): Promise<string> {
  const key = KeyFile.open(tokenKeyPath(directory)).current;
  const claims = { ...by, ...names, issuedAt, lifeS: LIFE_S, jkt: client.thumbprint };
  return (await signDevelopmentToken(key, claims)).token;
}

function signedUnder(token: string): Promise<string> {
  const request = requestOf(message);
  if (request === undefined) throw new Error('activations are signed');
  return signCommand({ commandId: 'c-1', by, request, tokenHash: sha256(token) }, client);
}

async function verified(credential: Credential, appendedAt: number) {
  const sealed = await sealAuthority(credential, new SealingTargets(directory).keyOf('registry'), 'record');
  return commands.verify({ message, sealed, recordHash: 'record', appendedAt });
}

test('a command that its person has signed counts, with the signature', async () => {
  const token = await tokenAt(NOW);
  const proof = await signedUnder(token);
  expect(await verified({ token, proof }, NOW)).toMatchObject({ sub: 'ada', authority: { proof } });
});

test('a signed command that a gateway has kept back counts under no later token of its person', async () => {
  const token = await tokenAt(NOW);
  const proof = await signedUnder(token);
  await expect(verified({ token, proof }, LATER)).rejects.toMatchObject({ code: 'authority.expired' });
  const later = await tokenAt(LATER);
  await expect(verified({ token: later, proof }, LATER)).rejects.toMatchObject({
    code: 'authority.proof',
    message: expect.stringContaining('tokenHash'),
  });
});

test('in production a token alone gives no such command', async () => {
  await expect(verified({ token: await tokenAt(NOW) }, NOW)).rejects.toMatchObject({
    code: 'authority.proof',
  });
});

test('with a token nobody speaks for a trigger', async () => {
  const credential = { token: await tokenAt(NOW) };
  const sealed = await sealAuthority(credential, new SealingTargets(directory).keyOf('registry'), 'record');
  const reply = {
    type: 'run.reply',
    data: { commandId: 'c-1', question: 'r/9', text: 'Yes', trigger: 'crm' },
  };
  await expect(
    commands.verify({ message: reply, sealed, recordHash: 'record', appendedAt: NOW }),
  ).rejects.toMatchObject({ code: 'authority.webhook' });
});
