import type { JsonSchema } from '@interlock/schema';
import { isPlainObject } from './json-guard.js';
import type { Types } from './step/form.js';

/** A schema that a step holds, whole: with the document's types, and without a detour over one of them. */
export function wholeSchema(schema: JsonSchema, types: Types): JsonSchema {
  const { $ref } = schema;
  const named = typeof $ref === 'string' ? /^#\/types\/([^/]+)$/.exec($ref)?.[1] : undefined;
  const type = named === undefined ? undefined : types?.[named];
  const body = isPlainObject(type) ? type : schema;
  return types === undefined ? body : { ...body, types };
}
