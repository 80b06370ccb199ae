import { z } from 'zod';
import { artifactName, artifactReference, artifactVersion, celText, template } from './fields.schema.js';
import { limits } from './limits.js';

const rule = z.strictObject({
  id: z.string().min(1).max(200).optional(),
  when: celText,
  // biome-ignore lint/suspicious/noThenProperty: the word of the document format; never awaited
  then: template.describe('The decision; its strings may hold expressions'),
});
export type TableRule = z.output<typeof rule>;

const body = {
  description: z.string().max(2_000).optional(),
  rules: z.array(rule).min(1).max(limits.rulesMax).describe('The first rule that matches decides'),
  otherwise: template.optional().describe('The decision when no rule matches'),
};

/** A table by name and version, or by `id` (`refund-rules@2`; without a version it is version 1). */
export const tableDocument = z.union([
  z.strictObject({ name: artifactName, version: artifactVersion, ...body }),
  z.strictObject({ id: artifactReference, ...body }),
]);
export type TableDocument = z.output<typeof tableDocument>;

/** Plain JSON, as a compiled decide step embeds it. */
export interface DecisionTable {
  readonly name: string;
  readonly version: number;
  /** Of all other fields. */
  readonly hash: string;
  readonly rules: readonly TableRule[];
  readonly otherwise?: unknown;
}
