import { linkHash } from '@interlock/log';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { numbered } from '../export/export.js';
import type { RecordLine } from '../export/export-line.js';
import { signHead } from '../export/head.js';
import { newKeyPair } from '../keys/key-pair.js';
import { firstDifference } from './first-difference.js';
import { exportOf, PartitionUnderTest } from './partition.fixture.js';
import { verifyExport } from './verify.js';

const key = newKeyPair();
const other = newKeyPair();
const keys = new Map([
  [key.keyId, key.publicKey],
  [other.keyId, other.publicKey],
]);
const NOW = Date.UTC(2026, 10, 23);

/** Ten events of `run`, the sixth and later ones by a second host; `deposed` is what the first still wrote as its sixth. */
let lines: RecordLine[];
let texts: string[];
let deposed: RecordLine;
let foreign: RecordLine[];
const TAKEOVER = 6;

beforeAll(async () => {
  const partition = new PartitionUnderTest();
  partition.deaf = true;
  const first = partition.claim();
  for (const time of [1, 2, 3, 4, 5]) {
    await first.write('run', 'step.completed', { step: `s${time}` }, time);
    await first.write('other', 'step.completed', { step: `o${time}` }, time);
  }
  const second = partition.claim();
  await first.write('run', 'step.failed', { step: 's6' }, 6);
  for (const time of [6, 7, 8, 9, 10])
    await second.write('run', 'step.completed', { step: `s${time}` }, time);
  lines = partition.accepted('run');
  foreign = partition.accepted('other');
  [deposed] = partition.ignored('run') as [RecordLine];
  texts = exportOf('run', lines, key, NOW);
});

const check = (changed: readonly string[], known = keys) => verifyExport(numbered(changed), known);
const text = (line: unknown): string => JSON.stringify(line);
const bytesOf = (line: RecordLine, field: 'metaBase64' | 'dataBase64') => Buffer.from(line[field], 'base64');

/** A copy of the export with line `seq` put through `change`. */
const withLine = (seq: number, change: (line: RecordLine) => object): string[] =>
  texts.map((one, place) => (place === seq - 1 ? text(change(lines[place]!)) : one));

/** Line `seq` with other data, and its hash made to fit, written behind `previous`. */
function edited(line: RecordLine, previous: string): RecordLine {
  const data = Buffer.from('{"step":"forged"}');
  const bytes = [Buffer.from(line.type), bytesOf(line, 'metaBase64'), data] as const;
  const hash = linkHash(Buffer.from(previous, 'hex'), ...bytes).toString('hex');
  return { ...line, dataBase64: data.toString('base64'), hash, previous };
}

/** The chain computed again from `seq` on, with other data there. */
function recomputed(seq: number): RecordLine[] {
  const chain = lines.slice(0, seq - 1);
  for (const line of lines.slice(seq - 1)) {
    const previous = chain.at(-1)?.hash ?? '0'.repeat(64);
    const bytes = (['metaBase64', 'dataBase64'] as const).map((field) => bytesOf(line, field)) as [
      Buffer,
      Buffer,
    ];
    const hash = linkHash(Buffer.from(previous, 'hex'), Buffer.from(line.type), ...bytes).toString('hex');
    chain.push(line.hash === lines[seq - 1]?.hash ? edited(line, previous) : { ...line, hash, previous });
  }
  return chain;
}

/** Of a seq, what is done to the export; and the event that verify must name. */
const tamperings: Record<
  string,
  [codes: string[], named: (seq: number) => number | undefined, change: (seq: number) => string[]]
> = {
  'the data of an event are changed': [
    ['changed'],
    (seq) => seq,
    (seq) =>
      withLine(seq, (line) => ({ ...line, dataBase64: Buffer.from('{"step":"x"}').toString('base64') })),
  ],
  'the type of an event is changed': [
    ['changed'],
    (seq) => seq,
    (seq) => withLine(seq, (line) => ({ ...line, type: 'step.skipped/1' })),
  ],
  'the hash of an event is changed': [
    ['hash_changed'],
    (seq) => seq,
    (seq) =>
      withLine(seq, (line) => ({
        ...line,
        hash: line.hash.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
      })),
  ],
  'the hash beside an event of the one before it is changed': [
    ['copy_differs'],
    (seq) => seq,
    (seq) => withLine(seq, (line) => ({ ...line, previous: 'f'.repeat(64) })),
  ],
  'the readable metadata say something else': [
    ['copy_differs'],
    (seq) => seq,
    (seq) => withLine(seq, (line) => ({ ...line, meta: { ...line.meta, time: 99 } })),
  ],
  'the metadata are changed together with their copy': [
    ['changed'],
    (seq) => seq,
    (seq) =>
      withLine(seq, (line) => {
        const meta = { ...line.meta, seq: seq + 100 };
        return { ...line, meta, metaBase64: Buffer.from(text(meta)).toString('base64') };
      }),
  ],
  'a field is put in': [
    ['not_a_line'],
    (seq) => seq,
    (seq) => withLine(seq, (line) => ({ ...line, note: 1 })),
  ],
  'a key is said twice': [
    ['not_a_line'],
    (seq) => seq,
    (seq) => texts.map((one, place) => (place === seq - 1 ? one.replace('{', '{"hash":"0",') : one)),
  ],
  'an event is dropped': [['missing'], (seq) => seq, (seq) => texts.toSpliced(seq - 1, 1)],
  'an event is there twice': [['added'], (seq) => seq, (seq) => texts.toSpliced(seq, 0, texts[seq - 1]!)],
  'an event is added that fits the one before it': [
    ['added', 'deposed'],
    (seq) => seq,
    (seq) =>
      texts.toSpliced(seq - 1, 0, text(edited(lines[seq - 1]!, lines[seq - 2]?.hash ?? '0'.repeat(64)))),
  ],
  'an event is replaced by one that fits the one before it': [
    ['replaced', 'deposed'],
    (seq) => seq,
    (seq) => withLine(seq, (line) => edited(line, lines[seq - 2]?.hash ?? '0'.repeat(64))),
  ],
  'an event of another run is put in': [
    ['other_run'],
    (seq) => seq,
    (seq) => texts.toSpliced(seq - 1, 0, text(foreign[3])),
  ],
  'an event of another run is put in the place of one': [
    ['other_run'],
    (seq) => seq,
    (seq) => withLine(seq, () => foreign[3]!),
  ],
  'the chain is computed again after an edit': [
    ['recomputed'],
    () => 10,
    (seq) => [...recomputed(seq).map(text), texts.at(-1)!],
  ],
  'the chain is computed again after an edit, but not what stands beside it': [
    ['recomputed'],
    (seq) => seq,
    (seq) => [
      ...recomputed(seq).map((line, place) => text({ ...line, previous: lines[place]?.previous })),
      texts.at(-1)!,
    ],
  ],
  'the chain is computed again, and the head with it': [
    ['signature_invalid'],
    () => undefined,
    (seq) => {
      const chain = recomputed(seq);
      const { head, signature } = JSON.parse(texts.at(-1)!);
      return [...chain.map(text), text({ head: { ...head, hash: chain.at(-1)?.hash }, signature })];
    },
  ],
};

test('an export of everything a reader accepts is right', async () => {
  const { head } = JSON.parse(texts.at(-1)!);
  expect(await check(texts)).toEqual({ ok: true, records: 10, runId: 'run', head });
  expect(head).toMatchObject({ runId: 'run', seq: 10, hash: lines[9]?.hash, keyId: key.keyId });
});

test('a run nothing has happened to yet has a head too', async () => {
  const empty = exportOf('run', [], key, NOW);
  expect(await check(empty)).toMatchObject({ ok: true, records: 0, runId: 'run' });
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
  const put = texts.toSpliced(TAKEOVER - 1, 1, text(deposed));
  expect(await check(put)).toMatchObject({
    ok: false,
    problem: { code: 'deposed', seq: TAKEOVER, at: TAKEOVER },
  });
  const besides = texts.toSpliced(TAKEOVER - 1, 0, text(deposed));
  expect(await check(besides)).toMatchObject({ problem: { code: 'deposed', seq: TAKEOVER, at: TAKEOVER } });
  const late = texts.toSpliced(TAKEOVER, 1, text(deposed));
  expect(await check(late)).toMatchObject({ ok: false, problem: { seq: TAKEOVER } });
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
      problem: { code: 'head_differs', seq: 10 },
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
