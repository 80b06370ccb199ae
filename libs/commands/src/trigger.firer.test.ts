import { signedHeaders, webhookHeaders } from '@interlock/authority';
import type { PublishedArtifact } from '@interlock/contracts';
import type { KnownRun } from '@interlock/read-model';
import { expect, test } from 'vitest';
import { TriggerFirer } from './trigger.firer.js';

const NOW = 1_767_225_600_000;
const SECRET = 'the secret of the shop';
const body = Buffer.from('{}');

/** A trigger of this tenant that tells the run `r-1` of the tenant `north`. */
function firerOf(tenant: string) {
  const told: string[] = [];
  const asked: string[] = [];
  const artifact: PublishedArtifact = {
    kind: 'trigger',
    name: 'paid',
    version: 1,
    hash: 'h',
    by: { sub: 'ada', roles: ['admin'] },
    commandId: 'c',
    document: { secret: 'SHOP', tenant, does: { signal: { run: 'r-1', name: 'go' } } },
  };
  const known: KnownRun = {
    body: JSON.stringify({ runId: 'r-1' }),
    status: 'waiting',
    requestHash: 'r',
    tenant: 'north',
    lastSeq: 1,
  };
  const firer = new TriggerFirer(
    { get: () => artifact },
    { start: () => Promise.reject(new Error('it starts nothing')) },
    {
      command: async (_bearer, { runId }) => {
        told.push(runId);
        return 'told';
      },
    },
    {
      find: async (runId, reach) => {
        asked.push(`${runId} of ${reach}`);
        return known;
      },
    },
    { SHOP: SECRET },
    () => NOW,
  );
  const { [webhookHeaders.id]: id = '', ...headers } = signedHeaders('msg-1', NOW, body, SECRET);
  const signed = {
    id,
    timestamp: headers[webhookHeaders.timestamp] ?? '',
    signature: headers[webhookHeaders.signature] ?? '',
    body,
  };
  return { fire: () => firer.fire('paid', signed, {}, () => undefined), told, asked };
}

test('a run that is told may have been accepted elsewhere a moment ago: it is looked for, not only looked up', async () => {
  const { fire, told, asked } = firerOf('north');
  expect(await fire()).toEqual({ outcome: 'signalled', runId: 'r-1', commandId: 'told' });
  expect([asked, told]).toEqual([['r-1 of north'], ['r-1']]);
});

test('a trigger of no tenant in particular tells no run of any', async () => {
  const { fire, told } = firerOf('*');
  await expect(fire()).rejects.toMatchObject({ status: 404 });
  expect(told).toEqual([]);
});
