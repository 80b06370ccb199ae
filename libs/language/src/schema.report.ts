import { checkSchema, type JsonSchema } from '@interlock/schema';
import type { Path, Report } from './problem.js';

/** Reports what keeps a part of a document from being used as a JSON Schema. */
export function reportSchema(path: Path, schema: JsonSchema, report: Report): void {
  for (const { at, message } of checkSchema(schema)) report([...path, ...at], message);
}
