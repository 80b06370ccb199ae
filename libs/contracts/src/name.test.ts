import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isReservedSubject, personOf, visibleName } from './name.js';
import { serviceNames } from './topics.js';

const isTaken = (text: string): boolean => visibleName.safeParse(text).success;
const at = (codePoint: number): string => String.fromCodePoint(codePoint);

/** Each between two letters: what a page shows is `alice`, or `alice` with a gap that nobody notices. */
const hidden: Readonly<Record<string, number>> = {
  'combining grapheme joiner': 0x034f,
  'zero width space': 0x200b,
  'zero width joiner': 0x200d,
  'soft hyphen': 0x00ad,
  'right-to-left override': 0x202e,
  'word joiner': 0x2060,
  'byte order mark': 0xfeff,
  'Hangul filler': 0x3164,
  'halfwidth Hangul filler': 0xffa0,
  'Hangul choseong filler': 0x115f,
  'Khmer inherent vowel': 0x17b4,
  'Mongolian variation selector': 0x180b,
  'variation selector 16': 0xfe0f,
  'variation selector 256': 0xe01ef,
  'tag letter': 0xe0061,
  'Braille blank': 0x2800,
  'object replacement character': 0xfffc,
  'null notehead': 0x1d159,
  'Khitan filler': 0x16fe4,
  'Egyptian blank': 0x13441,
  'hard space': 0x00a0,
  'ideographic space': 0x3000,
  'line separator': 0x2028,
  'line break': 0x0a,
  unassigned: 0xfff0,
  'private use': 0xe000,
  'half a character': 0xd83d,
};

describe.each(Object.entries(hidden))('%s', (_name, codePoint) => {
  test('is refused in a name, wherever it stands', () => {
    expect([`ali${at(codePoint)}ce`, `${at(codePoint)}alice`, `alice${at(codePoint)}`].map(isTaken)).toEqual([
      false,
      false,
      false,
    ]);
  });
  test('makes nobody a second person in what was recorded all the same', () => {
    if (codePoint === 0xd83d) return;
    const isBlank = /\p{Z}|\n/u.test(at(codePoint).normalize('NFKC'));
    expect(personOf(`alice${at(codePoint)}`)).toBe('alice');
    if (!isBlank) expect(personOf(`ali${at(codePoint)}ce`)).toBe('alice');
  });
});

test.each([
  'alice',
  'Ada Lee',
  'zoë.müller@example.com',
  'Nguyễn Thị Ánh',
  '山田太郎',
  'अनीता',
  'محمد',
  'service-account_7',
  '🦊',
])('%s is a name', (name) => {
  expect(isTaken(name)).toBe(true);
});

test.each(['', ' ada', 'ada ', 'Ada  Lee', '\u0301ada', 'zoe\u0308\u0308', 'zoë\u0308', 'x'.repeat(201)])(
  '%j is none',
  (name) => {
    expect(isTaken(name)).toBe(false);
  },
);

test.each([
  ['alice', 'ALICE'],
  ['alice', 'ａｌｉｃｅ'],
  ['Ada Lee', ' ada  lee '],
  ['zoë', 'zoe\u0308'],
  ['zoë', 'ZOË\u0308'],
  ['straße', 'STRASSE'],
  ['σίσυφος', 'ΣΊΣΥΦΟΣ'],
])('%j and %j are one person', (one, other) => {
  expect(personOf(other)).toBe(personOf(one));
});

test('a person is the same when asked again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
      expect(personOf(personOf(text))).toBe(personOf(text));
    }),
  );
});

test.each(['local', 'gateway', 'anonymous', ...serviceNames, 'GateWay', 'ｇateway', 'tool-executor'])(
  '%s stands for a part of Interlock',
  (name) => {
    expect([isReservedSubject(name), isReservedSubject(`${name}-2`)]).toEqual([true, false]);
  },
);
