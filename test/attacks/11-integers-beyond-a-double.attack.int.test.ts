import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newPlace } from '../e2e/place.ts';
import { type SystemProcess, startSystem } from '../e2e/system.process.ts';
import { type ModelServer, startModelServer } from '../models/model.server.ts';
import * as reply from '../models/reply.ts';

/**
 * Item 11: integers beyond 2^53 changed silently. The run, the people who approved it and the tool saw another order than the one that
 * was sent, from a request and from a model alike, and two requests that differed only there were one under an Idempotency-Key.
 */
let place: Awaited<ReturnType<typeof newPlace>>;
let model: ModelServer;
let system: SystemProcess;

const FORGED = '{"arguments":{"id":3544790567247868102},"confidence":0.9,"reasoning":"x"}';

beforeAll(async () => {
  place = await newPlace('integers');
  model = await startModelServer(() => reply.functions([{ name: 'big__id', arguments: FORGED }]));
  system = await startSystem({
    dataDir: join(place.directory, 'data'),
    environment: {
      INTERLOCK_MODULES: 'test/attacks/integers.module.ts',
      INTERLOCK_DEMO: '0',
      INTERLOCK_AUTONOMY: 'assisted',
      INTERLOCK_MODEL: 'local/forger',
      INTERLOCK_MODEL_URL: model.url,
      INTERLOCK_MODEL_PRICES: '1,4',
    },
  });
});
afterAll(async () => {
  await system?.stop('SIGKILL');
  await model?.stop();
  await place?.remove();
});

const posted = async (input: string, key?: string) => {
  const headers = {
    'content-type': 'application/json',
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  };
  const response = await system.client.fetch('/v1/runs', {
    method: 'POST',
    headers,
    body: `{"workflow":"any","input":${input}}`,
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

test.each([
  ['{"id":3544790567247868102}', 'input.id', 'the integer 3544790567247868102 is too large for JSON'],
  ['{"id":3544790567247868103}', 'input.id', 'the integer 3544790567247868103 is too large for JSON'],
  ['{"ids":[1,9007199254740993]}', 'input.ids[1]', 'the integer 9007199254740993 is too large for JSON'],
  ['{"id":1e300}', 'input.id', 'the integer 1e300 is too large for JSON'],
  ['{"id":1,"id":2}', 'input.id', 'the key is there twice'],
])(
  'the gateway refuses %s, with the field and the digits as they were sent',
  async (input, path, message) => {
    expect(await posted(input, 'one-key')).toMatchObject({
      status: 400,
      body: { errors: [{ path, message }] },
    });
  },
);

test('a key means exactly one body, and what was refused under it has not used it up', async () => {
  const first = await posted('{"id":9007199254740991}', 'one-key');
  expect(first.status).toBe(202);
  expect(await posted('{"id":9007199254740991}', 'one-key')).toMatchObject({
    status: 202,
    body: { runId: first.body.runId },
  });
  expect((await posted('{"id":9007199254740990}', 'one-key')).status).toBe(409);
});

test('a model is refused in the same words, and the rules act', async () => {
  const { runId } = await system.client.start('ask', {});
  const run = await system.client.settled(runId, 15_000);
  expect(run).toMatchObject({ status: 'completed', output: { decide: { outcome: 'by the rules' } } });
  const events = await system.client.events(runId);
  expect(events.some(({ type }) => type === 'call.requested')).toBe(false);
  const plans = JSON.stringify(events.filter(({ type }) => type === 'plan.recorded'));
  expect(plans).toContain('arguments.id: the integer 3544790567247868102 is too large for JSON');
});
