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

const written = ['libs', 'apps'].flatMap((group) =>
  readdirSync(group).flatMap((one) =>
    readdirSync(join(group, one, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !/\.(test|fixture|scenario|contract)\.ts$/.test(name))
      .flatMap((name) => codesIn(join(group, one, 'src', name))),
  ),
);

function codesIn(file: string): { file: string; code: string }[] {
  const text = readFileSync(file, 'utf8');
  return forms
    .flatMap((form) => [...text.matchAll(form)])
    .map(([, code, refused]) => ({ file, code: code ?? refused ?? '' }));
}

test('every error code that is written is in the catalogue, also where the compiler does not see it', () => {
  expect(written.length).toBeGreaterThan(50);
  expect(written.filter(({ code }) => !known.has(code))).toEqual([]);
});

test('every code says what it means and what to do, in sentences', () => {
  const entries = Object.values(errorCatalogue).flatMap((part) => Object.entries(part));
  const unfinished = entries.filter(
    ([, { meaning, action }]) => ![meaning, action].every((text) => /^[A-Z`].*[.)]$/.test(text)),
  );
  expect(unfinished).toEqual([]);
});
