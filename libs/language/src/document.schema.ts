import { z } from 'zod';
import {
  artifactName,
  artifactVersion,
  celText,
  durationText,
  jsonSchemaObject,
  stepId,
  template,
} from './fields.schema.js';
import { budget, step } from './step.schema.js';

const sla = z.strictObject({
  complete: durationText.optional(),
  stages: z.record(stepId, durationText).optional(),
  onBreach: z.enum(['escalate']).optional(),
});

const escalation = z.strictObject({
  to: z.string().min(1).max(200).describe('A role'),
  after: durationText.optional(),
  // biome-ignore lint/suspicious/noThenProperty: the word of the document format; never awaited
  then: z.string().min(1).max(200).optional().describe('A role'),
});

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
  sla: sla.optional(),
  budget: budget.optional(),
  escalation: escalation.optional(),
  steps: z.record(stepId, step),
});
export type WorkflowDocument = z.output<typeof workflowDocument>;
