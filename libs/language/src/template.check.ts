import { type JsonSchema, misfitOfPart, SchemaError } from '@interlock/schema';
import type { ExpressionChecker, Site } from './expression.check.js';
import { ExpressionError } from './expression.error.js';
import { isPlainObject } from './json-guard.js';
import type { Path, Report } from './problem.js';
import { holdsExpression, parseTemplate } from './template.js';

/** Checks every expression in a template. */
export function checkTemplate(
  template: unknown,
  path: Path,
  site: Site,
  checker: ExpressionChecker,
  report: Report,
): void {
  if (typeof template === 'string') typeOfText(template, path, site, checker, report);
  else if (Array.isArray(template)) {
    for (const [index, item] of template.entries())
      checkTemplate(item, [...path, index], site, checker, report);
  } else if (isPlainObject(template)) {
    for (const [key, item] of Object.entries(template))
      checkTemplate(item, [...path, key], site, checker, report);
  }
}

/** Checks a condition: an expression that must be able to give true or false. */
export function checkCondition(
  text: string,
  path: Path,
  site: Site,
  checker: ExpressionChecker,
  report: Report,
): void {
  const type = typeOfExpression(text, path, site, checker, report);
  if (type !== undefined && type !== 'bool' && type !== 'dyn') {
    report(path, `${quote(text)}: a condition must give true or false, this gives ${say(type)}`);
  }
}

/** The CEL type of what a string becomes; `undefined` when it holds an error, which is reported. */
export function typeOfText(
  text: string,
  path: Path,
  site: Site,
  checker: ExpressionChecker,
  report: Report,
): string | undefined {
  if (!holdsExpression(text)) return 'string';
  try {
    const parts = parseTemplate(text);
    const types = parts.map((part) =>
      typeof part === 'string' ? 'string' : typeOfExpression(part.text, path, site, checker, report),
    );
    return parts.length === 1 ? types[0] : types.includes(undefined) ? undefined : 'string';
  } catch (error) {
    reportExpression(error, path, report);
    return undefined;
  }
}

function typeOfExpression(
  text: string,
  path: Path,
  site: Site,
  checker: ExpressionChecker,
  report: Report,
): string | undefined {
  try {
    const { type, errors } = checker.check(text, site);
    for (const error of errors) report(path, `${quote(text)}: ${error}`);
    return errors.length === 0 ? type : undefined;
  } catch (error) {
    reportExpression(error, path, report);
    return undefined;
  }
}

function reportExpression(error: unknown, path: Path, report: Report): void {
  if (!(error instanceof ExpressionError)) throw error;
  report(path, `${quote(error.expression)}: ${error.message}`);
}

const quote = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text);
const names: Readonly<Record<string, string>> = {
  double: 'a number',
  int: 'a number',
  string: 'text',
  bool: 'true or false',
};
const say = (type: string): string => names[type] ?? (type.startsWith('list') ? 'a list' : 'an object');

const jsonTypes: Readonly<Record<string, readonly string[]>> = {
  string: ['string'],
  bool: ['boolean'],
  int: ['number', 'integer'],
  double: ['number', 'integer'],
};

/**
 * Checks that a template can satisfy a schema: what is literal is validated, what is an expression is compared by type,
 * and properties that are required or unknown are known without any value. Expressions in it are checked too.
 */
export function checkArguments(
  template: unknown,
  schema: JsonSchema,
  path: Path,
  site: Site,
  checker: ExpressionChecker,
  report: Report,
  whole: JsonSchema = schema,
): void {
  const below = (value: unknown, of: unknown, at: Path): void =>
    isPlainObject(of) && !('$ref' in of)
      ? checkArguments(value, of, at, site, checker, report, whole)
      : checkTemplate(value, at, site, checker, report);

  if (isPlainObject(template) && isPlainObject(schema.properties)) {
    const { properties } = schema;
    checkProperties(template, schema, path, report);
    for (const [key, value] of Object.entries(template)) {
      below(value, Object.hasOwn(properties, key) ? properties[key] : undefined, [...path, key]);
    }
  } else if (Array.isArray(template)) {
    for (const [index, item] of template.entries()) below(item, schema.items, [...path, index]);
  } else if (typeof template === 'string' && holdsExpression(template)) {
    const type = typeOfText(template, path, site, checker, report);
    checkType(type, schema, path, report);
  } else if (isPlainObject(template)) {
    checkTemplate(template, path, site, checker, report);
  } else {
    checkLiteral(template, schema, whole, path, report);
  }
}

/** With one of these a schema may declare fields elsewhere: what they are is known when the step runs. */
const takesMore = [
  'patternProperties',
  'unevaluatedProperties',
  'dependentSchemas',
  'dependencies',
  '$ref',
  'allOf',
  'anyOf',
  'oneOf',
  'if',
];

function checkProperties(
  template: Readonly<Record<string, unknown>>,
  schema: JsonSchema,
  path: Path,
  report: Report,
): void {
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  for (const key of required) {
    if (!Object.hasOwn(template, key))
      report([...path, key], `"${key}" is required by the input schema of what it calls`);
  }
  if (takesMore.some((keyword) => keyword in schema) || isPlainObject(schema.additionalProperties)) return;
  if (!isPlainObject(schema.properties)) return;
  for (const key of Object.keys(template)) {
    if (!Object.hasOwn(schema.properties, key))
      report([...path, key], `what it calls takes no field "${key}"`);
  }
}

function checkType(type: string | undefined, schema: JsonSchema, path: Path, report: Report): void {
  const given = type === undefined ? undefined : jsonTypes[type];
  if (given === undefined || typeof schema.type !== 'string' || given.includes(schema.type)) return;
  report(path, `what it calls wants ${schema.type} here, this gives ${say(type ?? 'dyn')}`);
}

function checkLiteral(
  value: unknown,
  schema: JsonSchema,
  whole: JsonSchema,
  path: Path,
  report: Report,
): void {
  try {
    for (const { message } of misfitOfPart(whole, schema, value)?.problems ?? []) {
      report(path, `${JSON.stringify(value)} ${message} (the input schema of what it calls)`);
    }
  } catch (error) {
    // A schema that cannot be used is refused where it is published.
    if (!(error instanceof SchemaError)) throw error;
  }
}
