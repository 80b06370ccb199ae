import { newKeyPair } from '@interlock/authority';
import { type StoredValue, sha256 } from '@interlock/contracts';
import { beforeAll, expect, test } from 'vitest';
import { ExportChain, numbered } from '../export/export.js';
import { valueLine } from '../export/value.line.js';
import { exportOf, PartitionUnderTest } from './partition.fixture.js';
import { verifyExport } from './verify.js';

const bytes = Buffer.from(JSON.stringify({ text: 'x'.repeat(70_000) }));
const stored: StoredValue = { hash: sha256(bytes), size: bytes.length, type: 'application/json' };
const key = newKeyPair();
let records: string[];
let head: string;

beforeAll(async () => {
  [records, head] = await exported();
});

/** @param erased the run says so behind its end */
async function exported(erased = false): Promise<[records: string[], head: string]> {
  const partition = new PartitionUnderTest();
  const host = partition.claim();
  await host.write('run', 'run.completed', { success: true, outputRef: stored }, 1);
  const by = { sub: 'olga', roles: [] };
  if (erased) await host.write('run', 'values.erasing', { commandId: 'c', by, reason: 'asked to' }, 2);
  const texts = exportOf('run', partition.accepted('run'), key, Date.UTC(2026, 10, 23));
  return [texts.slice(0, -1), texts.at(-1) ?? ''];
}

const check = (...values: string[]) =>
  verifyExport(numbered([...records, ...values, head]), new Map([[key.keyId, key.publicKey]]));

test('an export that carries the values which its records name is right', async () => {
  expect(await check(valueLine(stored, bytes))).toMatchObject({ ok: true, records: 1 });
});

test('an export knows which values it has to carry', () => {
  const chain = new ExportChain('run');
  for (const record of records) chain.take(record);
  expect([...chain.named.values()]).toEqual([stored]);
});

test('a value that was changed is named', async () => {
  const changed = Buffer.from(bytes.toString().replace('x', 'y'));
  expect(await check(valueLine(stored, changed))).toMatchObject({
    ok: false,
    problem: { code: 'value_changed', seq: 1, at: 2 },
  });
});

test('a value that is missing is named', async () => {
  expect(await check()).toMatchObject({ ok: false, problem: { code: 'value_missing', seq: 1 } });
});

test('a value that no record names is named', async () => {
  const other = Buffer.from('"other"');
  const added = { ...stored, hash: sha256(other), size: other.length };
  expect(await check(valueLine(stored, bytes), valueLine(added, other))).toMatchObject({
    ok: false,
    problem: { code: 'value_unnamed', at: 3 },
  });
});

test('a value that was erased by order is not missing, and the verdict says how many', async () => {
  const [lines, signed] = await exported(true);
  const verify = (...texts: string[]) =>
    verifyExport(numbered([...texts, signed]), new Map([[key.keyId, key.publicKey]]));
  expect(await verify(...lines)).toMatchObject({ ok: true, erased: 1 });
  const changed = valueLine(stored, Buffer.from(bytes.toString().replace('x', 'y')));
  expect(await verify(...lines, changed)).toMatchObject({ problem: { code: 'value_changed' } });
  expect(await verify(...lines.slice(0, -1))).toMatchObject({ ok: false });
});
