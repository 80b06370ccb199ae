import {
  type EditorSchema,
  editorSchema,
  tableEditorSchema,
  workflowEditorSchema,
} from '@interlock/language';
import { bundleTests } from './bundle/bundle.tests.schema.js';
import { caseFile } from './case/case.schema.js';

/** What editors know of the documents that authors write, by the name of the document. */
export const editorSchemas = {
  workflow: workflowEditorSchema,
  table: tableEditorSchema,
  cases: (): EditorSchema =>
    editorSchema(caseFile, {
      title: 'Interlock cases',
      description: 'Tests of a workflow: docs/authors.md',
    }),
  'policy-tests': (): EditorSchema =>
    editorSchema(bundleTests, {
      title: 'Interlock policy tests',
      description: 'A bundle of policies with its tests: docs/authors.md',
    }),
} as const;
export type EditorDocument = keyof typeof editorSchemas;

/** The file of a schema as it is published, and its text. */
export const editorSchemaFile = (document: EditorDocument): readonly [name: string, text: string] => [
  `${document}.schema.json`,
  `${JSON.stringify(editorSchemas[document](), null, 2)}\n`,
];
