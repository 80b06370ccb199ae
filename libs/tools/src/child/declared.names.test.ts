import { expect, test } from 'vitest';
import { namesDeclaredIn } from './declared.names.js';

test.each<[text: string, names: readonly string[]]>([
  ["import a from 'a';\nexport const env = ['ONE', \"TWO\"];\n", ['ONE', 'TWO']],
  ["export const env: readonly string[] = [\n  'ONE',\n  'TWO',\n];", ['ONE', 'TWO']],
  ['export const env = [];', []],
  ['export const env = names;', []],
  ["export const env = ['ONE', ...others];", []],
  ["export const env = ['ONE' + 'TWO'];", []],
  ["// export const env = ['ONE'];", []],
  ['export default () => ({});', []],
])('%j declares %j in the plain way', (text, names) => {
  expect(namesDeclaredIn(text)).toEqual(names);
});
