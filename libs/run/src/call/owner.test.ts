import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const owners = /from '\.\.\/(step|agent|approval|rollback|verification|life|owners|ledgers|evolve)\b[^']*'/g;

test('a call knows nobody who owns it: what is in its folder speaks outward through its ports alone', () => {
  const here = new URL('.', import.meta.url);
  const files = readdirSync(here).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const known = files.flatMap((name) =>
    [...readFileSync(new URL(name, here), 'utf8').matchAll(owners)].map(([from]) => `${name}: ${from}`),
  );
  expect(files).toContain('owner.ts');
  expect(known).toEqual([]);
});
