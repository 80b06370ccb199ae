import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openApiText } from '../../libs/contracts/src/openapi/index.js';
import { schemaFiles } from '../../libs/contracts/src/schemas/index.js';

const generated = new Map([
  ...[...schemaFiles()].map(([name, text]) => [`schemas/${name}`, text] as const),
  ['apps/gateway/openapi.json', openApiText()] as const,
]);

test('the committed schemas and the description of the gateway are the ones the contracts generate', () => {
  const different = [...generated].filter(([name, text]) => readFileSync(name, 'utf8') !== text);
  expect(
    different.map(([name]) => name),
    'run `npm run schemas`',
  ).toEqual([]);
});
