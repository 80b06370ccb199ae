import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExportChain, numbered } from '../export/export.js';
import { firstDifference } from './first-difference.js';
import { exportOf } from './partition.fixture.js';
import {
  check,
  deposed,
  key,
  lines,
  NOW,
  recomputed,
  SECOND_HOST,
  tamperings,
  text,
  texts,
} from './tampering.fixture.js';

test('an export of everything a reader accepts is right', async () => {
  const { head } = JSON.parse(texts.at(-1)!);
  expect(await check(texts)).toEqual({ ok: true, records: 10, events: 10, runId: 'run', head });
  expect(head).toMatchObject({ runId: 'run', seq: 10, hash: lines[9]?.hash, keyId: key.keyId });
});

test('a run nothing has happened to yet has a head too', async () => {
  const empty = exportOf('run', [], key, NOW);
  expect(await check(empty)).toMatchObject({ ok: true, records: 0, runId: 'run' });
});

test('the export of a run is not that of another one, whatever it is presented as', async () => {
  const { head, signature } = JSON.parse(texts.at(-1)!);
  const renamed = lines.map((line) => text({ ...line, key: 'other' }));
  const presented = [...renamed, text({ head: { ...head, runId: 'other' }, signature })];
  expect(await check(presented)).toMatchObject({ ok: false, problem: { code: 'changed', at: 1 } });
  expect(await check([...renamed, texts.at(-1)!])).toMatchObject({ ok: false, problem: { at: 1 } });
  const chain = new ExportChain('other');
  expect(() => chain.take(renamed[0]!)).toThrow('its hash does not fit its bytes');
  expect(() => chain.take(texts[0]!)).toThrow('event 1 of run run stands in its place');
});

test('a line may have other spaces, for it says the same', async () => {
  const spaced = texts.map((one) => JSON.stringify(JSON.parse(one), null, 1).replaceAll('\n', ' '));
  expect(await check(spaced)).toMatchObject({ ok: true });
});

describe.each(Object.entries(tamperings))('when %s', (_name, [codes, named, change]) => {
  test.each([2, 3, 5, 6, 7, 9])('at event %i, verify names it', async (seq) => {
    const { ok, problem } = await check(change(seq));
    expect(ok).toBe(false);
    expect([problem?.code, problem?.seq]).toEqual([expect.toBeOneOf(codes), named(seq)]);
  });

  test.each([1, 10])('at the edge, event %i, it is found', async (seq) => {
    expect(await check(change(seq))).toMatchObject({ ok: false, problem: { what: expect.any(String) } });
  });
});

describe('without the hash of the one before beside each event', () => {
  const bare = (one: string): string => {
    const { previous: _, ...line } = JSON.parse(one);
    return text(line);
  };

  test('an export is right, and every tampering is found', async () => {
    expect(await check(texts.map(bare))).toMatchObject({ ok: true });
    for (const [name, [, , change]] of Object.entries(tamperings)) {
      if (name.includes('beside')) continue;
      for (const seq of [1, 2, 5, 6, 9, 10]) {
        const { problem } = await check(
          change(seq).map((one) => (one.includes('"hash":"0"') ? one : bare(one))),
        );
        expect(problem, `${name} at ${seq}`).toBeDefined();
      }
    }
  });

  test.each([2, 5, 6, 9])('changed data of event %i are named', async (seq) => {
    const changed = tamperings['the data of an event are changed']![2](seq).map(bare);
    expect(await check(changed)).toMatchObject({ problem: { code: 'changed', seq } });
  });
});

test('a record of a deposed host in place of the accepted one is named as that', async () => {
  const put = texts.toSpliced(SECOND_HOST - 1, 1, text(deposed));
  expect(await check(put)).toMatchObject({
    ok: false,
    problem: { code: 'deposed', seq: SECOND_HOST, at: SECOND_HOST },
  });
  const besides = texts.toSpliced(SECOND_HOST - 1, 0, text(deposed));
  expect(await check(besides)).toMatchObject({
    problem: { code: 'deposed', seq: SECOND_HOST, at: SECOND_HOST },
  });
  const late = texts.toSpliced(SECOND_HOST, 1, text(deposed));
  expect(await check(late)).toMatchObject({ ok: false, problem: { seq: SECOND_HOST } });
});

test.each([1, 4, 9])('events swapped from %i on are named with where the first of them went', async (seq) => {
  const swapped = texts.toSpliced(seq - 1, 2, texts[seq]!, texts[seq - 1]!);
  expect(await check(swapped)).toMatchObject({ problem: { code: 'misplaced', at: seq, seq } });
});

test.each([0, 1, 7])('a tail cut behind event %i is named, with its head or without', async (kept) => {
  const cut = [...texts.slice(0, kept), texts.at(-1)!];
  expect(await check(cut)).toMatchObject({ problem: { code: 'cut_off', seq: kept + 1 } });
  expect(await check(texts.slice(0, kept))).toMatchObject({ problem: { code: 'no_head', at: kept + 1 } });
});

test('a file cut within a line is named at that line', async () => {
  const cut = [...texts.slice(0, 4), texts[4]!.slice(0, 50)];
  expect(await check(cut)).toMatchObject({ problem: { code: 'not_a_line', at: 5, seq: 5 } });
});

test('beside another copy, the event that was edited before the chain was computed again is named', async () => {
  const forged = [...recomputed(4).map(text), texts.at(-1)!];
  expect(await firstDifference(numbered(forged), numbered(texts))).toEqual({ same: 3, differsAt: 4 });
  expect(await firstDifference(numbered(texts), numbered(texts))).toEqual({ same: 10 });
  expect(await firstDifference(numbered(texts), numbered(texts.slice(0, 6)))).toEqual({ same: 6 });
});

test('however one character of an export is changed, it is found in its line', async () => {
  const character = fc.constantFrom(...'0aZ"{}:,\\ +/='.split(''));
  await fc.assert(
    fc.asyncProperty(
      fc.nat(10),
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      character,
      async (line, where, put) => {
        const one = texts[line]!;
        const at = Math.floor(where * one.length);
        const changed = one.slice(0, at) + put + one.slice(at + 1);
        const says = (value: string) => {
          try {
            return text(JSON.parse(value));
          } catch {
            return value;
          }
        };
        fc.pre(says(changed) !== says(one));
        const { ok, problem } = await check(texts.with(line, changed));
        expect([ok, problem?.at]).toEqual([false, line + 1]);
      },
    ),
    { numRuns: 1_000 },
  );
});
