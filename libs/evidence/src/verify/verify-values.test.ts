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
  const partition = new PartitionUnderTest();
  const host = partition.claim();
  await host.write('run', 'run.completed', { success: true, outputRef: stored }, 1);
  const texts = exportOf('run', partition.accepted('run'), key, Date.UTC(2026, 10, 23));
  records = texts.slice(0, -1);
  head = texts.at(-1) ?? '';
});

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
