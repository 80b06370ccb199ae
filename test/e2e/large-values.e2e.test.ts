import { join } from 'node:path';
import { Readable } from 'node:stream';
import { parseKeySet } from '@interlock/authority';
import { callHashOf, storedIn } from '@interlock/contracts';
import type { Approval } from '@interlock/contracts/http';
import { linesOf, verifyExport } from '@interlock/evidence';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pricedIn } from './catalogue.module.ts';
import { eventually } from './eventually.ts';
import { newPlace } from './place.ts';
import { startSystem } from './system.process.ts';
import { tokenOf } from './tokens.ts';

let place: Awaited<ReturnType<typeof newPlace>>;
beforeAll(async () => {
  place = await newPlace('values');
});
afterAll(() => place.remove());

const file = () => join(place.directory, 'prices.jsonl');
const options = () => ({
  dataDir: join(place.directory, 'data'),
  environment: { INTERLOCK_MODULES: 'test/e2e/catalogue.module.ts', CATALOGUE_FILE: file() },
});

describe('an output of 1 MB', () => {
  test('is gone through item by item, and makes another one, although the process is killed in the middle', async () => {
    const products = 200;
    let system = await startSystem(options());
    const { runId } = await system.client.start('price-list', { products, bytes: 5_300 });
    await eventually('some prices to be set', () => pricedIn(file()).length > 20);
    await system.stop('SIGKILL');
    system = await startSystem(options());
    const run = await system.client.settled(runId);
    expect(run).toMatchObject({ status: 'completed', success: true });
    const keys = new Set(pricedIn(file()).map(({ key }) => key));
    expect(keys.size).toBe(products);

    const events = await system.client.events(runId);
    const largest = Math.max(...events.map((event) => JSON.stringify(event).length));
    expect(largest).toBeLessThan(64 * 1024);

    const { outputRef } = run;
    expect(outputRef?.size).toBeGreaterThan(200_000);
    const path = `/v1/runs/${runId}/values`;
    const value = await system.client.fetch(`${path}/${outputRef?.hash}`);
    expect(await value.json()).toMatchObject({ count: products, whole: { count: products } });
    expect(await system.client.status(`${path}/${'0'.repeat(64)}`)).toBe(410);
    const stranger = await fetch(`${system.client.url}${path}/${outputRef?.hash}`);
    expect(stranger.status).toBe(401);

    const headers = { accept: 'application/x-ndjson' };
    const exported = await (await system.client.fetch(`/v1/runs/${runId}/events`, { headers })).text();
    const known = parseKeySet((await system.client.get('/v1/keys')).body);
    const verify = (text: string) => verifyExport(linesOf(Readable.from([Buffer.from(text)])), known);
    expect(await verify(exported)).toMatchObject({ ok: true });
    const lines = exported.trimEnd().split('\n');
    const without = lines.filter((line) => !line.startsWith('{"value"'));
    expect(lines.length - without.length).toBeGreaterThan(1);
    expect(await verify(`${without.join('\n')}\n`)).toMatchObject({ problem: { code: 'value_missing' } });
    await system.stop();
  }, 240_000);

  test('is passed on whole: people see its size and its hash, and allow exactly that', async () => {
    const system = await startSystem(options());
    const { runId } = await system.client.start('archived-whole', { products: 200, bytes: 5_300 });
    await system.client.settled(runId);
    const { body } = await system.client.get<{ items: Approval[] }>(`/v1/approvals?runId=${runId}`);
    const [approval] = body.items;
    const stored = storedIn(approval?.action?.arguments);
    expect(stored?.size).toBeGreaterThan(1_000_000);
    expect(callHashOf(approval!.action!.hashed)).toBe(approval?.callHash);
    const value = await system.client.fetch(`/v1/runs/${runId}/values/${stored?.hash}`);
    expect(Object.keys((await value.json()) as object)).toEqual(['document']);

    const bearer = `Bearer ${await tokenOf(system.client.keys, { sub: 'lena', roles: ['lead'] })}`;
    const vote = { vote: 'approve', callHash: approval?.callHash, reason: 'It may be archived.' };
    const path = `/v1/approvals/${approval?.approvalId}/votes`;
    expect((await system.client.post(path, vote, { authorization: bearer })).status).toBe(202);
    await eventually('the run to end', async () => (await system.client.run(runId)).status === 'completed');
    const run = await system.client.run(runId);
    expect(run.output).toEqual({ archived: (stored?.size ?? 0) - '{"document":}'.length });
    const events = await system.client.events(runId);
    expect(Math.max(...events.map((event) => JSON.stringify(event).length))).toBeLessThan(64 * 1024);
    await system.stop();
  }, 120_000);

  test('is handed to a child as its input', async () => {
    const system = await startSystem(options());
    const { runId } = await system.client.start('archived-elsewhere', { products: 200, bytes: 5_300 });
    const run = await system.client.settled(runId);
    expect(run).toMatchObject({ status: 'completed', output: { count: 200 } });
    const events = await system.client.events(runId);
    const requested = events.find(({ type }) => type === 'child.requested')?.data as { runId: string };
    const child = await system.client.run(requested.runId);
    expect(child).toMatchObject({ status: 'completed', output: { count: 200, skus: 1 } });
    expect(child.inputRef?.size).toBeGreaterThan(1_000_000);
    expect(await system.client.status(`/v1/runs/${child.runId}/values/${child.inputRef?.hash}`)).toBe(200);
    await system.stop();
  }, 120_000);

  test('of a child is read by the run above it, and lies with the family', async () => {
    const system = await startSystem(options());
    const { runId } = await system.client.start('priced-elsewhere', { products: 60, bytes: 2_000 });
    const run = await system.client.settled(runId);
    expect(run).toMatchObject({ status: 'completed', output: { count: 1 } });
    expect(String(run.output?.first).startsWith('sku-0 ')).toBe(true);
    const ended = (await system.client.events(runId)).find(({ type }) => type === 'child.ended');
    const named = ended?.data as { outputRef?: { hash: string } } | undefined;
    expect(await system.client.status(`/v1/runs/${runId}/values/${named?.outputRef?.hash}`)).toBe(200);
    await system.stop();
  }, 120_000);
});
