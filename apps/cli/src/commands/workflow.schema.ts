import { type EditorDocument, editorSchemaFile, editorSchemas } from '@interlock/cases';
import { z } from 'zod';
import { defineCliCommand, exitCodes } from '../command.js';

const documents = Object.keys(editorSchemas) as [EditorDocument, ...EditorDocument[]];

export const workflowSchema = defineCliCommand({
  name: 'workflow schema',
  summary: 'Print the JSON Schema with which editors check and complete a document.',
  arguments: [],
  options: z.object({ of: z.enum(documents).default('workflow').describe('Which document') }),
  example: 'workflow schema --of cases > cases.schema.json',

  async run({ of }, _positional, { output }) {
    const [, text] = editorSchemaFile(of);
    output.write(text);
    return exitCodes.done;
  },
});
