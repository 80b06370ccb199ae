import { compileInputSchema, type JsonSchema, SchemaError } from '@interlock/language';
import type { Problem } from './checked.js';

/** What keeps a value from being used as a JSON Schema. */
export function checkSchema(schema: unknown, path: string): Problem[] {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    return [{ path, message: 'a JSON Schema is an object' }];
  try {
    compileInputSchema(schema as JsonSchema);
    return [];
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return [{ path, message: error.message }];
  }
}
