import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCatalogue } from '@interlock/contracts';
import { expect, test } from 'vitest';

const known = new Set(Object.values(errorCatalogue).flatMap((part) => Object.keys(part)));

/** How product code writes one: as the code of something, or as the head of a refusal of the run. */
const forms = [
  /\bcode(?::[^='\n]+)? ?[:=] '([a-z-]+\.[a-z_]+)'/g,
  /\bclass: '[a-z_]+',\s*code: '([a-z_.]+)'/g,
  /\bRefusal = \[\s*'([a-z_.]+)'|return \[\s*'([a-z]+\.[a-z_]+)',/g,
];

const sources = ['libs', 'apps'].flatMap((group) =>
  readdirSync(group).flatMap((one) =>
    readdirSync(join(group, one, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !/\.(test|fixture|scenario|contract)\.ts$/.test(name))
      .map((name) => join(group, one, 'src', name))
      .map((file) => ({ file, text: readFileSync(file, 'utf8') })),
  ),
);
const written = sources.flatMap(codesIn);

function codesIn({ file, text }: (typeof sources)[number]): { file: string; code: string }[] {
  return forms
    .flatMap((form) => [...text.matchAll(form)])
    .map(([, code, refused]) => ({ file, code: code ?? refused ?? '' }));
}

test('every error code that is written is in the catalogue, also where the compiler does not see it', () => {
  expect(written.length).toBeGreaterThan(50);
  expect(written.filter(({ code }) => !known.has(code))).toEqual([]);
});

/** Codes that are put together from a head and what a decision names. */
const composed = /^(?:approval|compensation|policy)\.(?<part>[a-z_]+)$|^(?:model\.)?http_/;

test('every code of the catalogue is written somewhere, so that the list names only what can happen', () => {
  const text = sources
    .filter(({ file }) => !file.startsWith(join('libs', 'contracts', 'src', 'errors')))
    .map((source) => source.text)
    .join('\n');
  const isWritten = (code: string): boolean =>
    [`'${code}'`, `\`${code}\``, ` ${code}: `].some((form) => text.includes(form)) || composed.test(code);
  expect([...known].filter((code) => !isWritten(code))).toEqual([]);
});

test('every code says what it means and what to do, in sentences', () => {
  const entries = Object.values(errorCatalogue).flatMap((part) => Object.entries(part));
  const unfinished = entries.filter(
    ([, { meaning, action }]) => ![meaning, action].every((text) => /^[A-Z`].*[.)]$/.test(text)),
  );
  expect(unfinished).toEqual([]);
});
