import { workflowDocument } from './document.schema.js';
import { type EditorSchema, editorSchema } from './editor.schema.js';
import { tableDocument } from './table.schema.js';

/** What editors know of workflow documents. */
export const workflowEditorSchema = (): EditorSchema =>
  editorSchema(workflowDocument.extend({ steps: workflowDocument.shape.steps.meta({ minProperties: 1 }) }), {
    title: 'Interlock workflow',
    description: 'A workflow document: docs/workflows.md',
  });

/** What editors know of decision tables. */
export const tableEditorSchema = (): EditorSchema =>
  editorSchema(tableDocument, {
    title: 'Interlock decision table',
    description: 'Rules of a decide step or of a baseline: docs/workflows.md',
  });
