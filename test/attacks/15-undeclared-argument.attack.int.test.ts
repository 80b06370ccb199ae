import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Person } from '../e2e/person.ts';
import { newPlace } from '../e2e/place.ts';
import { type SystemProcess, startSystem } from '../e2e/system.process.ts';
import { type ModelServer, startModelServer } from '../models/model.server.ts';
import * as reply from '../models/reply.ts';
import { issuedIn } from './certificates.module.ts';

/**
 * Item 15: an argument that the tool does not declare made the same write another one, so the same certificate was issued twice, and the
 * approver read a note that the tool never got. And people were asked about calls that the tool's schema refuses.
 */
let place: Awaited<ReturnType<typeof newPlace>>;
let model: ModelServer;
let system: SystemProcess;
const file = () => join(place.directory, 'issued.jsonl');
const dataDir = () => join(place.directory, 'data');

/** The same certificate again and again, each time in other words. */
const proposals = [
  { holder: 'ada', note: 'the first copy' },
  { holder: 'ada' },
  { holder: 'ada', note: 'the second copy', years: 1 },
];

beforeAll(async () => {
  place = await newPlace('certificates');
  const rounds = proposals.map((given) => reply.call('certificates.issue', given));
  let round = 0;
  model = await startModelServer(() => rounds[round++] ?? reply.output({ done: true }));
  system = await startSystem({
    dataDir: dataDir(),
    environment: {
      INTERLOCK_MODULES: 'test/attacks/certificates.module.ts',
      INTERLOCK_DEMO: '0',
      INTERLOCK_AUTONOMY: 'assisted',
      INTERLOCK_MODEL: 'local/wordy',
      INTERLOCK_MODEL_URL: model.url,
      INTERLOCK_MODEL_PRICES: '1,4',
      CERTIFICATES_FILE: file(),
    },
  });
});
afterAll(async () => {
  await system?.stop('SIGKILL');
  await model?.stop();
  await place?.remove();
});

const rita = () =>
  new Person({ url: system.client.url, keys: join(dataDir(), 'keys') }, 'rita', ['registrar']);
const askedAbout = async (runId: string) =>
  (await system.client.events(runId)).filter(({ type }) => type === 'approval.requested');

test('whatever a model writes beside it, a certificate is one write, and people read what the tool gets', async () => {
  const { runId } = await system.client.start('certificates-agent', { holder: 'ada' });
  const { approvalId, action } = await rita().pendingOf(runId);
  expect(action?.arguments).toEqual({ holder: 'ada', years: 1 });
  expect((await rita().votes(approvalId, 'approve')).status).toBe(202);

  const { status } = await system.client.settled(runId);
  expect(status).toBe('completed');
  expect(issuedIn(file())).toEqual([{ holder: 'ada', years: 1 }]);
  expect(await askedAbout(runId)).toHaveLength(1);
  const recorded = (await system.client.events(runId))
    .filter(({ type }) => type === 'agent.observed')
    .map(({ data }) => data.observation as { result: string; failure?: { message: string } });
  expect(recorded[0]).toMatchObject({
    result: 'failed',
    failure: { message: expect.stringContaining('unknown field "note"') },
  });
});

test('nobody is asked about a call that the tool would refuse', async () => {
  const before = issuedIn(file()).length;
  const { runId } = await system.client.start('certificates-step', { years: 30 });
  const { status, failure } = await system.client.settled(runId);
  expect({ status, failure }).toMatchObject({ status: 'failed', failure: { class: 'invalid_input' } });
  expect(failure?.message).toContain('years must be <= 3');
  expect(await askedAbout(runId)).toEqual([]);
  expect(issuedIn(file())).toHaveLength(before);
});
