import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { parseKeySet } from '@interlock/authority';
import { sha256 } from '@interlock/contracts';
import { linesOf, replayExport, verifyExport } from '@interlock/evidence';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './eventually.ts';
import { newPlace } from './place.ts';
import type { SystemClient } from './system.client.ts';
import { startSystem } from './system.process.ts';
import { tokenOf } from './tokens.ts';

let place: Awaited<ReturnType<typeof newPlace>>;
beforeAll(async () => {
  place = await newPlace('erasure');
});
afterAll(() => place.remove());

const data = () => join(place.directory, 'data');
const values = () => join(data(), 'values');
const options = () => ({
  dataDir: data(),
  environment: {
    INTERLOCK_MODULES: 'test/e2e/catalogue.module.ts',
    CATALOGUE_FILE: join(place.directory, 'prices.jsonl'),
  },
});

/** The store is away: whatever is asked of it fails. */
function takeAway(): void {
  renameSync(values(), `${values()}.away`);
  writeFileSync(values(), 'no folder');
}
function bringBack(): void {
  rmSync(values());
  renameSync(`${values()}.away`, values());
}

/** Files below the folder that hold the text. */
const holding = (folder: string, text: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && readFileSync(path).includes(text));

const erase = (client: SystemClient, runId: string, reason = 'the shop is gone') =>
  client.post<{ code?: string }>(`/v1/runs/${runId}/commands`, { type: 'erase', reason });
const typesOf = async (client: SystemClient, runId: string): Promise<string[]> =>
  (await client.events(runId)).map(({ type }) => type);
const exportOf = async (client: SystemClient, runId: string): Promise<string> =>
  (await client.fetch(`/v1/runs/${runId}/events`, { headers: { accept: 'application/x-ndjson' } })).text();
const linesIn = (text: string) => linesOf(Readable.from([Buffer.from(text)]));

test('the values of a run and of its child are erased, although the store is away and the process is killed', async () => {
  let system = await startSystem(options());
  const { runId } = await system.client.start('priced-elsewhere', { products: 60, bytes: 2_000 });
  await system.client.settled(runId);
  const child = (await system.client.events(runId)).find(({ type }) => type === 'child.ended')?.data as {
    runId: string;
    outputRef: { hash: string };
  };
  const path = (run: string) => `/v1/runs/${run}/values/${child.outputRef.hash}`;
  expect(await system.client.status(path(runId))).toBe(200);
  expect(holding(data(), 'lorem ipsum lorem ipsum lorem')).not.toEqual([]);

  takeAway();
  expect((await erase(system.client, child.runId)).status).toBe(409);
  expect((await erase(system.client, runId)).status).toBe(202);
  await eventually('both runs to say that their values are erased', async () => {
    const both = [await typesOf(system.client, runId), await typesOf(system.client, child.runId)];
    return both.every((types) => types.includes('values.erasing'));
  });
  for (const run of [runId, child.runId]) {
    const answer = await system.client.fetch(path(run));
    expect([answer.status, await answer.json()]).toMatchObject([410, { code: 'value.erased' }]);
  }
  await system.stop('SIGKILL');
  system = await startSystem(options());
  expect(await typesOf(system.client, runId)).not.toContain('values.erased');
  bringBack();

  await eventually('the values to be erased', async () =>
    (await typesOf(system.client, runId)).includes('values.erased'),
  );
  expect(holding(data(), 'lorem ipsum lorem ipsum lorem')).toEqual([]);
  const { erased } = await system.client.run(runId);
  expect(erased).toMatchObject({ reason: 'the shop is gone', until: expect.any(String) });
  expect(erased?.values).toBeGreaterThan(1);
  expect(await system.client.status(path(child.runId))).toBe(410);

  const again = await erase(system.client, runId);
  expect([again.status, again.body.code]).toEqual([409, 'run.erased']);
  const types = await typesOf(system.client, runId);
  const said = ['values.erasing', 'values.counted', 'values.erased'];
  expect(types.filter((type) => type.startsWith('values.'))).toEqual(said);

  const keys = parseKeySet((await system.client.get('/v1/keys')).body);
  for (const run of [runId, child.runId]) {
    let text = '';
    await eventually('the last event to be signed', async () => {
      text = await exportOf(system.client, run);
      return (await verifyExport(linesIn(text), keys)).ok;
    });
    expect(await verifyExport(linesIn(text), keys)).toMatchObject({ ok: true, erased: expect.any(Number) });
    expect((await replayExport(linesIn(text))).replay).toMatchObject({ result: 'agrees' });
  }
  await system.stop();
}, 240_000);

test('whoever may not is refused, readers get the whole value or none, and many orders at once are one', async () => {
  const system = await startSystem({ ...options(), dataDir: join(place.directory, 'attacked') });
  const { client } = system;
  const { runId } = await client.start('price-list', { products: 60, bytes: 20_000 });
  const { outputRef } = await client.settled(runId);
  const named = (await client.events(runId)).flatMap(({ data }) => hashesIn(data));
  expect(named).toContain(outputRef?.hash);

  const asSomebody = async (who: { sub: string; roles: string[]; tenant?: string }) => {
    const headers = { authorization: `Bearer ${await tokenOf(client.keys, who)}` };
    return (await client.post(`/v1/runs/${runId}/commands`, { type: 'erase', reason: 'x' }, headers)).status;
  };
  expect(await asSomebody({ sub: 'eve', roles: ['operator'], tenant: 'elsewhere' })).toBe(404);
  expect(await asSomebody({ sub: 'rita', roles: ['auditor'] })).toBe(403);
  for (const id of ['..%2F..%2Fvalues', `${runId}%2F..`, '%2e%2e'])
    expect((await erase(client, id)).status).toBeGreaterThanOrEqual(400);
  expect(await typesOf(client, runId)).not.toContain('values.erasing');

  const readers = Array.from({ length: 60 }, async (_, at) => {
    const hash = named[at % named.length] ?? '';
    const answer = await client.fetch(`/v1/runs/${runId}/values/${hash}`);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return answer.status === 200 ? sha256(bytes) === hash : [410, 429, 503].includes(answer.status);
  });
  const orders = await Promise.all(Array.from({ length: 8 }, () => erase(client, runId)));
  expect(await Promise.all(readers)).not.toContain(false);
  expect(orders.filter(({ status }) => status !== 202 && status !== 409)).toEqual([]);
  await eventually('the values to be erased', async () =>
    (await typesOf(client, runId)).includes('values.erased'),
  );
  const types = await typesOf(client, runId);
  for (const type of ['values.erasing', 'values.counted', 'values.erased'])
    expect(types.filter((one) => one === type)).toHaveLength(1);
  for (const hash of named) expect(await client.status(`/v1/runs/${runId}/values/${hash}`)).toBe(410);
  await system.stop();
}, 240_000);

/** Of all values that an event names. */
const hashesIn = (data: unknown): string[] =>
  [...JSON.stringify(data).matchAll(/Ref":\{"hash":"([0-9a-f]{64})"/g)].map(([, hash = '']) => hash);
