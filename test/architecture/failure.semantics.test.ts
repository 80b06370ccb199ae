import { existsSync, readFileSync } from 'node:fs';
import { runLifeEvents } from '@interlock/contracts';
import { expect, test } from 'vitest';

/* docs/failure-semantics.md says what happens when something fails. Each row names the test that shows it. */

const page = readFileSync('docs/failure-semantics.md', 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| what happens') && !line.startsWith('| ---'))
  .map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .filter((cell) => cell !== ''),
  );

test('every row names a test that is there, by its file and the beginning of its title', () => {
  expect(rows.length).toBeGreaterThan(45);
  const missing = rows.flatMap((cells) => {
    const [, file = '', title = ''] = /^`([^`]+)`: (.+)$/.exec(cells.at(-1) ?? '') ?? [];
    const isThere = existsSync(file) && readFileSync(file, 'utf8').includes(title);
    return cells.length === 5 && title !== '' && isThere ? [] : [cells[0]];
  });
  expect(missing).toEqual([]);
});

test('every event that it names is one of a run', () => {
  const known = new Set<string>(runLifeEvents.map(({ type }) => type));
  const groups = new Set([...known].map((type) => type.split('.')[0]));
  const named = rows.flatMap((cells) =>
    [...(cells[1] ?? '').matchAll(/`([a-z]+\.[a-z_]+)`/g)].map(([, type]) => type ?? ''),
  );
  expect(named.filter((type) => groups.has(type.split('.')[0]) && !known.has(type))).toEqual([]);
  expect(named.filter((type) => known.has(type)).length).toBeGreaterThan(60);
});
