import { QUESTION_CHARS_MAX } from '@interlock/contracts';
import { z } from 'zod';

/**
 * What a model says of itself with everything it proposes. It never costs the proposal: a missing or unreadable confidence counts as 0,
 * other unreadable fields are left out, and texts beyond their bound are cut.
 */
const said = {
  confidence: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .catch(0)
    .describe('How sure you are that this is right, from 0 to 1'),
  reasoning: z.string().default('').catch('').describe('Why, in a few sentences'),
  evidence: z.array(z.string()).default([]).catch([]).describe('The facts and results it rests on'),
  alternatives: z
    .array(z.object({ description: z.string(), score: z.number().min(0).max(1) }))
    .default([])
    .catch([])
    .describe('What else you weighed'),
};
export type Said = z.output<z.ZodObject<typeof said>>;
/** Names of what a model says of itself, and of its call. */
export const saidNames: ReadonlySet<string> = new Set([...Object.keys(said), 'occurrence']);

const occurrence = z
  .number()
  .int()
  .min(1)
  .max(100)
  .default(1)
  .describe('2 or more only to repeat a write on purpose with the same arguments');

const anyArguments = z.record(z.string(), z.unknown());

/** Arguments of the function that stands for a tool. */
export const callArguments = z.object({ arguments: anyArguments, occurrence, ...said });

/** Arguments of the function that ends the step. */
export const finishArguments = z.object({ output: z.unknown(), ...said });

const question = z
  .string()
  .min(1)
  .max(QUESTION_CHARS_MAX)
  .describe('In plain words, as the person is to read it; they see nothing else of what you know');

/** Arguments of the function that asks whom the step serves. */
export const askArguments = z.object({ question, ...said });

/** The same in one JSON document, for endpoints without functions. */
export const answerDocument = z.object({
  calls: z
    .array(z.object({ tool: z.string().min(1), arguments: anyArguments, occurrence }))
    .default([])
    .describe('Calls to make next, in order; empty when you give the output'),
  output: z.unknown().optional().describe('Result of the step; only once you know it'),
  ...said,
});

/** Where the step may ask whom it serves. */
export const askingDocument = answerDocument.extend({
  question: question
    .optional()
    .describe(
      'A question for the person whom this serves, after the calls, in plain words; you get their answer in the next round. Never together with an output',
    ),
});

type JsonSchema = Record<string, unknown>;

/** The JSON Schema of `form`, with the schemas of the tools or of the step put in their places. */
export function formOf(form: z.ZodObject, places: Readonly<Record<string, unknown>>): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(form, { io: 'input' });
  const required = ['confidence', 'reasoning', ...(schema.required ?? [])];
  return { ...schema, properties: { ...schema.properties, ...places }, required: [...new Set(required)] };
}
