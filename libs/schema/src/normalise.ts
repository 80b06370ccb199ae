import { documentOf } from './check.js';
import { withDefaults } from './defaults.js';
import type { Declaration, Evaluation } from './evaluation.js';
import { below, type Path } from './path.js';
import { isObject, type JsonSchema } from './schema.js';
import { evaluated, type Misfit, mismatch } from './validate.js';

export type Normalised = { readonly value: unknown } | { readonly misfit: Misfit };

/**
 * The one form of a value that fits the schema: defaults are filled in, and no field is left that no schema declares, also
 * where the schema would take any. Whoever takes the value would drop such a field, or read it as nobody has agreed to.
 * Nothing is coerced. Fields that `additionalProperties: {...}` or `patternProperties` take are declared, and a schema
 * that says nothing of an object's fields takes the object as it is.
 * @throws {SchemaError}
 */
export function normalised(schema: JsonSchema, value: unknown): Normalised {
  const document = documentOf(schema);
  const result = evaluated(document, (run): Normalised => {
    const filled = withDefaults(run, document, value);
    // Both are told, since a field that nobody knows is often one that is missing under another name.
    const verdicts = [run.evaluate(schema, filled, undefined), reportUndeclared(run, filled)];
    return verdicts.every(Boolean) ? { value: filled } : { misfit: mismatch(run.problems) };
  });
  return 'code' in result ? { misfit: result } : result;
}

function reportUndeclared(run: Evaluation, value: unknown): boolean {
  const declared = fieldsOf(run.declarations);
  let isFit = true;
  const visit = (node: unknown, path: Path | undefined): void => {
    run.spend(1);
    if (Array.isArray(node)) for (const [index, item] of node.entries()) visit(item, below(path, index));
    if (!isObject(node)) return;
    const fields = declared.get(node);
    for (const [key, item] of Object.entries(node)) {
      if (fields === undefined || fields.has(key)) visit(item, below(path, key));
      else isFit = run.report(below(path, key), `unknown field "${key}"`);
    }
  };
  visit(value, undefined);
  return isFit;
}

/** The fields of each object of which a schema says what fields it has. */
function fieldsOf(declarations: readonly Declaration[]): ReadonlyMap<object, ReadonlySet<string>> {
  const fields = new Map<object, Set<string>>();
  for (const { of, key } of declarations) {
    const keys = fields.get(of) ?? new Set();
    if (key !== undefined) keys.add(key);
    fields.set(of, keys);
  }
  return fields;
}
