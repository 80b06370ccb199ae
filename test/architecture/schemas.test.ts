import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { schemaFiles } from '../../libs/contracts/src/schemas/index.js';

test('the committed schemas are the ones the contracts generate', () => {
  const different = [...schemaFiles()].filter(
    ([name, text]) => readFileSync(`schemas/${name}`, 'utf8') !== text,
  );
  expect(
    different.map(([name]) => name),
    'run `npm run schemas`',
  ).toEqual([]);
});
