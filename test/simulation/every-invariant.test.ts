import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { everyBug } from './seeds.ts';

const INVARIANTS = Array.from({ length: 22 }, (_, at) => `I${at + 1}`);

/** Of no rule that this release has: outputs carry no labels. */
const notYet = ['I15'];
/** The numbers of a run are given by its host, which no bug reaches here; heads are signed by a service that is not simulated. */
const withoutBug = ['I1', 'I13', ...notYet];
/** What models influenced is checked by scenarios of its own, `test/simulation/influence`. */
const elsewhere = ['I16', ...notYet];

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');

test('every invariant is held against a history that breaks it', () => {
  const files = readdirSync(new URL('../../libs/invariants/src', import.meta.url));
  const ofHistory = read('invariants.sim.test.ts');
  const isTested = (invariant: string): boolean => {
    const prefix = `i${invariant.slice(1).padStart(2, '0')}-`;
    const hasFile = files.some((file) => file.startsWith(prefix) && file.endsWith('.test.ts'));
    return hasFile || ofHistory.includes(`'${invariant}'`);
  };
  expect(INVARIANTS.filter((invariant) => !isTested(invariant))).toEqual(elsewhere.toSorted());
});

test('every invariant has a bug that it alone, or one of a few, has to notice', () => {
  const noticing = new Set(everyBug.flatMap(({ by = [] }) => by));
  expect(INVARIANTS.filter((invariant) => !noticing.has(invariant))).toEqual(withoutBug);
});
