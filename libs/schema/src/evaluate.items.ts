import { textOf } from './evaluate.value.js';
import type { Evaluated, Evaluation } from './evaluation.js';
import { below, type Path } from './path.js';
import { isSchema, type JsonSchema, type Schema } from './schema.js';

/** What a schema says of a list and its items. */
export function evaluateItems(
  run: Evaluation,
  schema: JsonSchema,
  value: readonly unknown[],
  path: Path | undefined,
  evaluated: Evaluated | undefined,
): boolean {
  const { minItems, maxItems, uniqueItems, contains } = schema;
  let isFit = true;
  if (typeof maxItems === 'number' && value.length > maxItems)
    isFit = run.report(path, `must NOT have more than ${maxItems} items`);
  if (typeof minItems === 'number' && value.length < minItems)
    isFit = run.report(path, `must NOT have fewer than ${minItems} items`);
  isFit = evaluateEach(run, schema, value, path, evaluated) && isFit;
  if (uniqueItems === true) isFit = evaluateUnique(run, value, path) && isFit;
  if (isSchema(contains)) isFit = evaluateContains(run, contains, schema, value, path, evaluated) && isFit;
  if (isSchema(schema.unevaluatedItems) && evaluated !== undefined)
    isFit = evaluateRest(run, schema.unevaluatedItems, value, path, evaluated) && isFit;
  return isFit;
}

function evaluateEach(
  run: Evaluation,
  { prefixItems, items }: JsonSchema,
  value: readonly unknown[],
  path: Path | undefined,
  evaluated: Evaluated | undefined,
): boolean {
  const prefix: readonly Schema[] = Array.isArray(prefixItems) ? prefixItems : [];
  const rest = isSchema(items) ? items : undefined;
  let isFit = true;
  for (const [index, item] of value.entries()) {
    const schemaOfItem = prefix[index] ?? rest;
    if (schemaOfItem === undefined) break;
    isFit = run.evaluate(schemaOfItem, item, below(path, index)) && isFit;
    evaluated?.items.add(index);
  }
  return isFit;
}

function evaluateUnique(run: Evaluation, value: readonly unknown[], path: Path | undefined): boolean {
  const seen = new Map<string, number>();
  for (const [index, item] of value.entries()) {
    run.spend(1);
    const text = textOf(run, item);
    const earlier = seen.get(text);
    if (earlier !== undefined) {
      return run.report(
        path,
        `must NOT have duplicate items (items ## ${earlier} and ${index} are identical)`,
      );
    }
    seen.set(text, index);
  }
  return true;
}

function evaluateContains(
  run: Evaluation,
  contains: Schema,
  { minContains = 1, maxContains = Number.POSITIVE_INFINITY }: JsonSchema,
  value: readonly unknown[],
  path: Path | undefined,
  evaluated: Evaluated | undefined,
): boolean {
  let count = 0;
  for (const [index, item] of value.entries()) {
    if (!run.attempt(contains, item, below(path, index))) continue;
    count += 1;
    evaluated?.items.add(index);
  }
  if (count < Number(minContains))
    return run.report(path, `must contain at least ${minContains} valid item(s)`);
  return (
    count <= Number(maxContains) || run.report(path, `must contain at most ${maxContains} valid item(s)`)
  );
}

function evaluateRest(
  run: Evaluation,
  schema: Schema,
  value: readonly unknown[],
  path: Path | undefined,
  evaluated: Evaluated,
): boolean {
  let isFit = true;
  for (const [index, item] of value.entries()) {
    if (evaluated.items.has(index)) continue;
    isFit = run.evaluate(schema, item, below(path, index)) && isFit;
    evaluated.items.add(index);
  }
  return isFit;
}
