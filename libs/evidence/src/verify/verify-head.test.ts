import { newKeyPair } from '@interlock/authority';
import { describe, expect, test } from 'vitest';
import { numbered } from '../export/export.js';
import { signHead } from '../export/head.js';
import { exportOf } from './partition.fixture.js';
import { check, key, lines, NOW, other, text, texts } from './tampering.fixture.js';
import { verifyExport } from './verify.js';

describe('the head', () => {
  const headed = (change: (signed: { head: Record<string, unknown>; signature: string }) => unknown) => [
    ...texts.slice(0, -1),
    text(change(JSON.parse(texts.at(-1)!))),
  ];

  test.each([
    ['runId', 'other'],
    ['seq', 9],
    ['hash', '0'.repeat(64)],
    ['time', '2020-01-01T00:00:00.000Z'],
  ])('with another %s does not fit its signature', async (field, value) => {
    const changed = headed(({ head, signature }) => ({ head: { ...head, [field]: value }, signature }));
    expect(await check(changed)).toMatchObject({ problem: { code: 'signature_invalid' } });
  });

  test('of a key that is known, but not the one it names, is refused', async () => {
    const changed = headed(({ head, signature }) => ({ head: { ...head, keyId: other.keyId }, signature }));
    expect(await check(changed)).toMatchObject({ problem: { code: 'signature_invalid' } });
  });

  test('of a key nobody knows is refused, and the known ones are named', async () => {
    const stranger = newKeyPair();
    const { problem } = await check(exportOf('run', lines, stranger, NOW));
    expect(problem).toMatchObject({ code: 'unknown_key', what: expect.stringContaining(key.keyId) });
  });

  test('that was truly signed, but for other records, is refused', async () => {
    const sign = (head: object) =>
      text(
        signHead(
          { runId: 'run', seq: 10, hash: lines[9]!.hash, time: '2026-11-23T00:00:00.000Z', ...head },
          key,
        ),
      );
    const behind = (head: object) => check([...texts.slice(0, -1), sign(head)]);
    expect(await behind({})).toMatchObject({ ok: true });
    expect(await behind({ runId: 'other' })).toMatchObject({ problem: { code: 'head_differs' } });
    expect(await behind({ seq: 9, hash: lines[8]!.hash })).toMatchObject({
      ok: false,
      problem: { code: 'unsigned', seq: 10 },
    });
    expect(await behind({ seq: 11 })).toMatchObject({ problem: { code: 'cut_off', seq: 11 } });
  });

  test('without any key proves nothing, and what is wrong with the records is still named', async () => {
    expect(await verifyExport(numbered(texts), undefined)).toMatchObject({
      ok: false,
      problem: { code: 'no_key' },
    });
    const dropped = texts.toSpliced(3, 1);
    expect(await verifyExport(numbered(dropped), undefined)).toMatchObject({
      problem: { code: 'missing', seq: 4 },
    });
  });

  test('is the last line', async () => {
    expect(await check([...texts, texts[0]!])).toMatchObject({ problem: { code: 'after_head', at: 12 } });
    expect(await check([...texts, texts.at(-1)!])).toMatchObject({ problem: { code: 'after_head', at: 12 } });
  });
});
