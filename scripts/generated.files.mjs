// Every file that is written from the contracts, by its path from the root.
import { editorSchemaFile, editorSchemas } from '../libs/cases/dist/index.js';
import { errorsText } from '../libs/contracts/dist/errors/document.js';
import { openApiText } from '../libs/contracts/dist/openapi/index.js';
import { schemaFiles } from '../libs/contracts/dist/schemas/index.js';

export const generatedFiles = () =>
  new Map([
    ...[...schemaFiles()].map(([name, text]) => [`schemas/${name}`, text]),
    ...Object.keys(editorSchemas).map((document) => {
      const [name, text] = editorSchemaFile(document);
      return [`schemas/documents/${name}`, text];
    }),
    ['apps/gateway/openapi.json', openApiText()],
    ['docs/errors.md', errorsText()],
  ]);
