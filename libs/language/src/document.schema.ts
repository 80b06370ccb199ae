import { z } from 'zod';
import { escalation } from './escalation.schema.js';
import {
  artifactName,
  artifactVersion,
  celText,
  jsonSchemaObject,
  stepId,
  template,
} from './fields.schema.js';
import { searchFields } from './search.schema.js';
import { workflowSla } from './sla.schema.js';
import { step } from './step/index.js';
import { budget, onExhausted } from './step.schema.js';

/** A workflow as people write it: language.md section 1. Unknown fields are refused everywhere. */
export const workflowDocument = z.strictObject({
  $schema: z.string().optional().describe('For editors'),
  workflow: artifactName,
  version: artifactVersion,
  purpose: z.string().min(1).max(2_000).describe('The intent, kept in the log'),
  input: jsonSchemaObject.describe('JSON Schema, or `{ $schema: ./name.json }` of a published schema'),
  types: z.record(z.string(), jsonSchemaObject).optional().describe('JSON Schemas by name, for $ref'),
  output: template.optional().describe('Default: every step’s output by its id'),
  success: celText.optional().describe('Default: every step completed or skipped'),
  search: searchFields.optional(),
  sla: workflowSla.optional(),
  budget: budget.optional(),
  onExhausted: onExhausted.optional(),
  escalation: escalation.optional(),
  steps: z.record(stepId, step),
});
export type WorkflowDocument = z.output<typeof workflowDocument>;
