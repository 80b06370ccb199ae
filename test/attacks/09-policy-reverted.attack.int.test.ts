import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf } from '@interlock/contracts';
import { exportJWK, generateKeyPair } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Person } from '../e2e/person.ts';
import { newPlace } from '../e2e/place.ts';
import { acceptedOf, readStoredLog } from '../e2e/stored.log.ts';
import { type SystemProcess, startSystem } from '../e2e/system.process.ts';

/** Issue 9, item 9: a restart put the policies of modules back, over an emergency forbid, and production without modules ran on the demo's. */

let place: Awaited<ReturnType<typeof newPlace>>;
let system: SystemProcess;
const dataDir = () => join(place.directory, 'data');

async function start(environment: Readonly<Record<string, string>> = {}): Promise<Person> {
  system = await startSystem({
    dataDir: dataDir(),
    environment: {
      INTERLOCK_MODULES: 'test/e2e/errands.module.ts',
      ERRANDS_FILE: join(place.directory, 'errands.jsonl'),
      ...environment,
    },
  });
  return new Person({ url: system.client.url, keys: join(dataDir(), 'keys') }, 'ada', ['operator', 'admin']);
}

beforeEach(async () => {
  place = await newPlace('policy-reverted');
});
afterEach(async () => {
  await system.stop('SIGKILL');
  await place.remove();
});

const runsWrite = async (ada: Person): Promise<string> => {
  const { body } = await ada.ask<{ status: string }>('POST', '/v1/runs?wait=10s', {
    workflow: 'write',
    input: { id: 'x', pauseMs: 0 },
  });
  return body.status;
};

/** Publishes the bundle in force and a forbid of everything. Where bundles are activated, one person does that too. */
async function forbidEverything(ada: Person): Promise<void> {
  const { name, version, document } = await ada.bundle();
  const forbid = { id: 'emergency', text: 'forbid(principal, action, resource);' };
  const bundle = { ...document, policies: [...document.policies, forbid] };
  const published = await ada.publishes({ kind: 'policy', name, version: version + 1, document: bundle });
  expect(published.status).toBe(201);
  await ada.ask('POST', '/v1/policy/activations', { hash: hashOf(bundle), reason: 'an emergency' });
}

test('an emergency forbid survives restarts of the gateway, also with changed modules', async () => {
  let ada = await start();
  expect(await runsWrite(ada)).toBe('completed');
  await forbidEverything(ada);
  expect(await runsWrite(ada)).toBe('failed');
  for (const modules of [
    'test/e2e/errands.module.ts',
    'test/e2e/errands.module.ts,test/e2e/till.module.ts',
  ]) {
    await system.stop();
    ada = await start({ INTERLOCK_MODULES: modules, TILL_FILE: join(place.directory, 'till.jsonl') });
    expect(await runsWrite(ada)).toBe('failed');
  }
  const { body } = await ada.ask<{ approvedBy: string[] }>('GET', '/v1/policy/active');
  expect(body.approvedBy).toEqual(['ada']);
});

test('what a module publishes has the module as its author', async () => {
  const ada = await start();
  const { body } = await ada.ask<{ items: { publishedBy: string }[] }>('GET', '/v1/artifacts?limit=500');
  expect(new Set(body.items.map(({ publishedBy }) => publishedBy))).toEqual(new Set(['module:errands']));
});

/** Production with an issuer of its own, whose key never leaves this test. */
async function production(): Promise<Readonly<Record<string, string>>> {
  const { publicKey } = await generateKeyPair('EdDSA', { extractable: true });
  const file = join(place.directory, 'issuer.json');
  writeFileSync(
    file,
    JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'EdDSA' }] }),
    {
      mode: 0o600,
    },
  );
  return {
    INTERLOCK_MODE: 'production',
    INTERLOCK_EMBEDDED_IN_PRODUCTION: 'yes',
    INTERLOCK_JWKS_FILE: file,
    INTERLOCK_JWT_ISSUER: 'https://issuer.example',
    INTERLOCK_JWT_AUDIENCE: 'interlock.example',
  };
}

test.each([
  ['without modules', ''],
  ['with modules', 'test/e2e/errands.module.ts'],
])('a production server %s publishes and activates nothing', async (_name, INTERLOCK_MODULES) => {
  await start({ ...(await production()), INTERLOCK_MODULES });
  await system.stop();
  const said = acceptedOf(await readStoredLog(dataDir()), 'artifact.events').map(({ type }) => type);
  expect(said.filter((type) => !type.startsWith('host.'))).toEqual([]);
});

test('production refuses the demonstration', async () => {
  const demo = { ...(await production()), INTERLOCK_MODULES: 'examples/refund-desk/module.ts' };
  await expect(start(demo)).rejects.toThrow(/ended with 2/);
});
