import type { Evaluated, Evaluation } from './evaluation.js';
import type { Path } from './path.js';
import { isObject, isSchema, type JsonSchema, type Schema } from './schema.js';

/** What the schemas inside a schema say of the same value. */
export function evaluateInPlace(
  run: Evaluation,
  target: Schema | undefined,
  schema: JsonSchema,
  value: unknown,
  path: Path | undefined,
  evaluated: Evaluated | undefined,
): boolean {
  let isFit = target === undefined || run.evaluate(target, value, path, evaluated);
  for (const part of schemasIn(schema.allOf)) isFit = run.evaluate(part, value, path, evaluated) && isFit;
  if ('anyOf' in schema) isFit = evaluateAnyOf(run, schemasIn(schema.anyOf), value, path, evaluated) && isFit;
  if ('oneOf' in schema) isFit = evaluateOneOf(run, schemasIn(schema.oneOf), value, path, evaluated) && isFit;
  if (isSchema(schema.not) && isNot(run, schema.not, value, path))
    isFit = run.report(path, 'must NOT be valid');
  if (isSchema(schema.if)) isFit = evaluateIf(run, schema.if, schema, value, path, evaluated) && isFit;
  if (isObject(value)) isFit = evaluateDependent(run, schema, value, path, evaluated) && isFit;
  return isFit;
}

const schemasIn = (parts: unknown): readonly Schema[] => (Array.isArray(parts) ? parts : []);

/** The first one that fits says which fields there are: it is what a parser of such a union takes. */
function evaluateAnyOf(
  run: Evaluation,
  parts: readonly Schema[],
  value: unknown,
  path: Path | undefined,
  evaluated: Evaluated | undefined,
): boolean {
  const { problems } = run.mark();
  let isFit = false;
  for (const part of parts) {
    const { declarations } = run.mark();
    const doesFit = run.evaluate(part, value, path, evaluated);
    if (!doesFit || isFit) run.declarations.length = declarations;
    isFit ||= doesFit;
    // The others matter only to whoever asks what they have evaluated.
    if (isFit && evaluated === undefined) break;
  }
  if (!isFit) return run.report(path, 'must match a schema in anyOf');
  run.problems.length = problems;
  return true;
}

function evaluateOneOf(
  run: Evaluation,
  parts: readonly Schema[],
  value: unknown,
  path: Path | undefined,
  evaluated: Evaluated | undefined,
): boolean {
  const { problems } = run.mark();
  let fitting = 0;
  for (const part of parts) {
    const { declarations } = run.mark();
    if (run.evaluate(part, value, path, evaluated)) fitting += 1;
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

function evaluateIf(
  run: Evaluation,
  condition: Schema,
  schema: JsonSchema,
  value: unknown,
  path: Path | undefined,
  evaluated: Evaluated | undefined,
): boolean {
  const next = run.attempt(condition, value, path, evaluated) ? schema.then : schema.else;
  return !isSchema(next) || run.evaluate(next, value, path, evaluated);
}

function evaluateDependent(
  run: Evaluation,
  { dependentSchemas, dependencies }: JsonSchema,
  value: JsonSchema,
  path: Path | undefined,
  evaluated: Evaluated | undefined,
): boolean {
  let isFit = true;
  for (const parts of [dependentSchemas, dependencies]) {
    if (!isObject(parts)) continue;
    for (const [key, part] of Object.entries(parts)) {
      run.spend(1);
      if (Object.hasOwn(value, key) && isSchema(part))
        isFit = run.evaluate(part, value, path, evaluated) && isFit;
    }
  }
  return isFit;
}
