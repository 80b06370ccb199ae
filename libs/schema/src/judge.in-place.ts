import type { Evaluation, Judged } from './evaluation.js';
import type { Path } from './path.js';
import { isObject, isSchema, type JsonSchema, type Schema } from './schema.js';

/** What the schemas inside a schema say of the same value. */
export function judgeInPlace(
  run: Evaluation,
  target: Schema | undefined,
  schema: JsonSchema,
  value: unknown,
  path: Path | undefined,
  judged: Judged | undefined,
): boolean {
  let isFit = target === undefined || run.judge(target, value, path, judged);
  for (const part of schemasIn(schema.allOf)) isFit = run.judge(part, value, path, judged) && isFit;
  if ('anyOf' in schema) isFit = judgeAnyOf(run, schemasIn(schema.anyOf), value, path, judged) && isFit;
  if ('oneOf' in schema) isFit = judgeOneOf(run, schemasIn(schema.oneOf), value, path, judged) && isFit;
  if (isSchema(schema.not) && isNot(run, schema.not, value, path))
    isFit = run.report(path, 'must NOT be valid');
  if (isSchema(schema.if)) isFit = judgeIf(run, schema.if, schema, value, path, judged) && isFit;
  if (isObject(value)) isFit = judgeDependent(run, schema, value, path, judged) && isFit;
  return isFit;
}

const schemasIn = (parts: unknown): readonly Schema[] => (Array.isArray(parts) ? parts : []);

/** The first one that fits says which fields there are: it is what a parser of such a union takes. */
function judgeAnyOf(
  run: Evaluation,
  parts: readonly Schema[],
  value: unknown,
  path: Path | undefined,
  judged: Judged | undefined,
): boolean {
  const { problems } = run.mark();
  let isFit = false;
  for (const part of parts) {
    const { declarations } = run.mark();
    const doesFit = run.judge(part, value, path, judged);
    if (!doesFit || isFit) run.declarations.length = declarations;
    isFit ||= doesFit;
    // The others matter only to whoever asks what they have judged.
    if (isFit && judged === undefined) break;
  }
  if (!isFit) return run.report(path, 'must match a schema in anyOf');
  run.problems.length = problems;
  return true;
}

function judgeOneOf(
  run: Evaluation,
  parts: readonly Schema[],
  value: unknown,
  path: Path | undefined,
  judged: Judged | undefined,
): boolean {
  const { problems } = run.mark();
  let fitting = 0;
  for (const part of parts) {
    const { declarations } = run.mark();
    if (run.judge(part, value, path, judged)) fitting += 1;
    else run.declarations.length = declarations;
    if (fitting > 1) break;
  }
  if (fitting !== 1) return run.report(path, 'must match exactly one schema in oneOf');
  run.problems.length = problems;
  return true;
}

function isNot(run: Evaluation, schema: Schema, value: unknown, path: Path | undefined): boolean {
  const { declarations } = run.mark();
  const isFit = run.attempt(schema, value, path);
  run.declarations.length = declarations;
  return isFit;
}

function judgeIf(
  run: Evaluation,
  condition: Schema,
  schema: JsonSchema,
  value: unknown,
  path: Path | undefined,
  judged: Judged | undefined,
): boolean {
  const next = run.attempt(condition, value, path, judged) ? schema.then : schema.else;
  return !isSchema(next) || run.judge(next, value, path, judged);
}

function judgeDependent(
  run: Evaluation,
  { dependentSchemas, dependencies }: JsonSchema,
  value: JsonSchema,
  path: Path | undefined,
  judged: Judged | undefined,
): boolean {
  let isFit = true;
  for (const parts of [dependentSchemas, dependencies]) {
    if (!isObject(parts)) continue;
    for (const [key, part] of Object.entries(parts)) {
      run.spend(1);
      if (Object.hasOwn(value, key) && isSchema(part)) isFit = run.judge(part, value, path, judged) && isFit;
    }
  }
  return isFit;
}
