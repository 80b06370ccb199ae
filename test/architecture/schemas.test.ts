import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { editorSchemaFile, editorSchemas } from '../../libs/cases/src/editor.schemas.js';
import { errorsText } from '../../libs/contracts/src/errors/document.js';
import { openApiText } from '../../libs/contracts/src/openapi/index.js';
import { schemaFiles } from '../../libs/contracts/src/schemas/index.js';

const documents = Object.keys(editorSchemas) as (keyof typeof editorSchemas)[];

const generated = new Map([
  ...[...schemaFiles()].map(([name, text]) => [`schemas/${name}`, text] as const),
  ...documents.map((document) => {
    const [name, text] = editorSchemaFile(document);
    return [`schemas/documents/${name}`, text] as const;
  }),
  ['apps/gateway/openapi.json', openApiText()] as const,
  ['docs/errors.md', errorsText()] as const,
]);

test('the committed schemas, the description of the gateway and docs/errors.md are the ones the contracts generate', () => {
  const different = [...generated].filter(([name, text]) => readFileSync(name, 'utf8') !== text);
  expect(
    different.map(([name]) => name),
    'run `npm run schemas`',
  ).toEqual([]);
});
