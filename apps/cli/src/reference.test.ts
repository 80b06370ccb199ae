import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commands } from './program.js';
import { reference } from './reference.js';

const path = new URL('../../../docs/cli.md', import.meta.url);
const BEGIN = '`npx vitest run apps/cli -u`.\n\n';

test('docs/cli.md holds every command as it is; if not: npx vitest run apps/cli -u', async () => {
  const [head = '', rest] = readFileSync(path, 'utf8').split(BEGIN);
  expect(rest).toBeDefined();
  await expect(`${head}${BEGIN}${reference(commands)}\n`).toMatchFileSnapshot(path.pathname);
});

test('no two commands have one name', () => {
  const names = commands.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
