import type { Evaluation, Judged } from './evaluation.js';
import { textOf } from './judge.value.js';
import { below, type Path } from './path.js';
import { isSchema, type JsonSchema, type Schema } from './schema.js';

/** What a schema says of a list and its items. */
export function judgeItems(
  run: Evaluation,
  schema: JsonSchema,
  value: readonly unknown[],
  path: Path | undefined,
  judged: Judged | undefined,
): boolean {
  const { minItems, maxItems, uniqueItems, contains } = schema;
  let isFit = true;
  if (typeof maxItems === 'number' && value.length > maxItems)
    isFit = run.report(path, `must NOT have more than ${maxItems} items`);
  if (typeof minItems === 'number' && value.length < minItems)
    isFit = run.report(path, `must NOT have fewer than ${minItems} items`);
  isFit = judgeEach(run, schema, value, path, judged) && isFit;
  if (uniqueItems === true) isFit = judgeUnique(run, value, path) && isFit;
  if (isSchema(contains)) isFit = judgeContains(run, contains, schema, value, path, judged) && isFit;
  if (isSchema(schema.unevaluatedItems) && judged !== undefined)
    isFit = judgeRest(run, schema.unevaluatedItems, value, path, judged) && isFit;
  return isFit;
}

function judgeEach(
  run: Evaluation,
  { prefixItems, items }: JsonSchema,
  value: readonly unknown[],
  path: Path | undefined,
  judged: Judged | undefined,
): boolean {
  const prefix: readonly Schema[] = Array.isArray(prefixItems) ? prefixItems : [];
  const rest = isSchema(items) ? items : undefined;
  let isFit = true;
  for (const [index, item] of value.entries()) {
    const schemaOfItem = prefix[index] ?? rest;
    if (schemaOfItem === undefined) break;
    isFit = run.judge(schemaOfItem, item, below(path, index)) && isFit;
    judged?.items.add(index);
  }
  return isFit;
}

function judgeUnique(run: Evaluation, value: readonly unknown[], path: Path | undefined): boolean {
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

function judgeContains(
  run: Evaluation,
  contains: Schema,
  { minContains = 1, maxContains = Number.POSITIVE_INFINITY }: JsonSchema,
  value: readonly unknown[],
  path: Path | undefined,
  judged: Judged | undefined,
): boolean {
  let count = 0;
  for (const [index, item] of value.entries()) {
    if (!run.attempt(contains, item, below(path, index))) continue;
    count += 1;
    judged?.items.add(index);
  }
  if (count < Number(minContains))
    return run.report(path, `must contain at least ${minContains} valid item(s)`);
  return (
    count <= Number(maxContains) || run.report(path, `must contain at most ${maxContains} valid item(s)`)
  );
}

function judgeRest(
  run: Evaluation,
  schema: Schema,
  value: readonly unknown[],
  path: Path | undefined,
  judged: Judged,
): boolean {
  let isFit = true;
  for (const [index, item] of value.entries()) {
    if (judged.items.has(index)) continue;
    isFit = run.judge(schema, item, below(path, index)) && isFit;
    judged.items.add(index);
  }
  return isFit;
}
