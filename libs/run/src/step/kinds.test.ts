import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const src = new URL('../', import.meta.url);
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
);

/** Files outside its own folder that know this kind: by its name as a value, by its folder, or by its form in the language. */
function knowing(kind: string, folder: string, form: string): string[] {
  const named = new RegExp(`'${kind}'|/${kind}/|\\b${form}\\b`);
  return files
    .filter((name) => !name.startsWith(folder))
    .filter((name) => named.test(readFileSync(new URL(name, src), 'utf8')))
    .sort();
}

test('nobody but its folder and the index of kinds knows a kind of step', () => {
  // In these, 'wait' is a word of the interface: what a run waits for.
  expect(knowing('wait', 'step/wait/', 'CompiledWaitStep')).toEqual([
    'describe.ts',
    'step/index.ts',
    'step/repeat/kind.ts',
    'waiting.ts',
  ]);
  expect(knowing('decide', 'step/decide/', 'CompiledDecideStep')).toEqual(['step/index.ts']);
});
