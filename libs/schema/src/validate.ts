import { documentOf } from './check.js';
import type { SchemaDocument } from './document.js';
import { Evaluation, TooExpensiveError } from './evaluation.js';
import type { JsonSchema, Schema, SchemaProblem } from './schema.js';

/** Why a value is not taken. */
export interface Misfit {
  readonly code: 'schema.mismatch' | 'schema.too_expensive';
  /** At most 50. */
  readonly problems: readonly SchemaProblem[];
}

/**
 * What is wrong with the value; undefined when it fits. It is not changed. Formats that are not known are ignored.
 * @throws {SchemaError}
 */
export const misfitOf = (schema: JsonSchema, value: unknown): Misfit | undefined =>
  misfitOfPart(schema, schema, value);

/** The same for a value that one schema inside another is about: what it refers to stands in the whole. */
export const misfitOfPart = (whole: JsonSchema, part: Schema, value: unknown): Misfit | undefined =>
  evaluated(documentOf(whole), (run) =>
    run.evaluate(part, value, undefined) ? undefined : mismatch(run.problems),
  );

/** Runs one evaluation, whose steps are bounded. */
export function evaluated<T>(document: SchemaDocument, work: (run: Evaluation) => T): T | Misfit {
  try {
    return work(new Evaluation(document));
  } catch (error) {
    if (!(error instanceof TooExpensiveError)) throw error;
    return { code: 'schema.too_expensive', problems: [{ path: '', message: error.message }] };
  }
}

export const mismatch = (problems: readonly SchemaProblem[]): Misfit => ({
  code: 'schema.mismatch',
  problems,
});
