import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  ActivatePolicy,
  artifactCommands,
  hashOf,
  type Identity,
  moduleIdentity,
  ProposePolicy,
  PublishArtifact,
  VoteOnActivation,
} from '@interlock/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Forger } from '../e2e/forger.ts';
import { newPlace } from '../e2e/place.ts';
import { acceptedOf, readStoredLog, withStoredLog } from '../e2e/stored.log.ts';
import { type SystemProcess, startSystem } from '../e2e/system.process.ts';

/** Issue 9, item 3: whoever could write `artifact.commands` published under a name without any role, and what was published was in force. */

let place: Awaited<ReturnType<typeof newPlace>>;
let system: SystemProcess;
const dataDir = () => join(place.directory, 'data');

const start = async () => {
  system = await startSystem({
    dataDir: dataDir(),
    environment: {
      INTERLOCK_MODULES: 'test/e2e/errands.module.ts',
      ERRANDS_FILE: join(place.directory, 'errands.jsonl'),
    },
  });
};

beforeEach(async () => {
  place = await newPlace('forged-publication');
  await start();
});
afterEach(async () => {
  await system.stop('SIGKILL');
  await place.remove();
});

const document = { policies: [{ id: 'all', text: 'permit(principal, action, resource);' }] };
const hash = hashOf(document);

/** Every command to the registry that could put the bundle into force, in the name of `by`. */
function commandsOf(by: Identity): { wire: string; data: object }[] {
  const command = () => ({ commandId: randomUUID(), by, issuedAt: Date.now() });
  const reason = 'trust me';
  return [
    {
      wire: PublishArtifact.wire,
      data: { ...command(), kind: 'policy', name: 'errands', version: 1_000, document },
    },
    { wire: ActivatePolicy.wire, data: { ...command(), hash, reason } },
    {
      wire: VoteOnActivation.wire,
      data: { ...command(), activationId: 'a'.repeat(24), vote: 'approve', hash, reason },
    },
    { wire: ProposePolicy.wire, data: { ...command(), hash } },
  ];
}

test('nothing that is written in the name of people without the role is published, or comes into force', async () => {
  await system.stop();
  const people: Identity[] = [
    { sub: 'mallory', roles: [] },
    { sub: 'mallory', roles: ['operator', 'lead', 'finance', 'auditor'] },
    { ...moduleIdentity('errands'), sub: 'modules:errands' },
  ];
  await withStoredLog(dataDir(), async (broker) => {
    const forger = new Forger(broker);
    for (const by of people)
      for (const { wire, data } of commandsOf(by))
        await forger.sendMessage(artifactCommands, 0, 'policy/errands', wire, data);
  });
  await start();
  await system.stop();
  const events = acceptedOf(await readStoredLog(dataDir()), 'artifact.events');
  const ofBundle = events.filter(({ data }) => data.hash === hash);
  expect(ofBundle).toEqual([]);
  const refusals = events.filter(({ type }) => type.endsWith('refused'));
  expect(refusals).toHaveLength(people.length * 4);
});
