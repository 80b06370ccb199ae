import { personal } from '@interlock/contracts';
import type { JsonSchema } from '@interlock/schema';
import { inputPaths, stepChains } from './cel.ast.js';
import { classificationAt } from './classified.js';
import type { CompiledSearchField, SearchType } from './compiled.js';
import type { ExpressionChecker, Site } from './expression.check.js';
import { ExpressionError } from './expression.error.js';
import { compileExpression } from './expression.js';
import type { Report } from './problem.js';

/** Where the values come from that runs are found by. */
export interface SearchSources {
  readonly input: JsonSchema;
  /** Schemas of what a step may give. */
  outputsOf(step: string): readonly (JsonSchema | undefined)[];
}

const types: Readonly<Record<string, SearchType>> = {
  string: 'string',
  bool: 'boolean',
  double: 'number',
  int: 'number',
  uint: 'number',
  'google.protobuf.Timestamp': 'timestamp',
};

/**
 * Checks and types what runs are found by. A value that is classified is refused: indexes hold their values as they are, and keep them
 * when the value itself is sealed or erased.
 */
export function checkSearch(
  fields: Readonly<Record<string, string>>,
  site: Site,
  checker: ExpressionChecker,
  sources: SearchSources,
  report: Report,
): Readonly<Record<string, CompiledSearchField>> {
  const checked: Record<string, CompiledSearchField> = {};
  for (const [name, value] of Object.entries(fields)) {
    const at = ['search', name];
    try {
      const { type, errors } = checker.check(value, site);
      for (const error of errors) report(at, error);
      if (errors.length > 0) continue;
      const known = types[type];
      const classified = classificationOf(value, sources);
      if (known === undefined) report(at, wrongType(type));
      else if (classified !== undefined) report(at, refusal(classified));
      else checked[name] = { value, type: known };
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      report(at, error.message);
    }
  }
  return checked;
}

const wrongType = (type: string): string =>
  type === 'dyn'
    ? 'nothing says which type this has: write string(...), double(...), bool(...) or timestamp(...) around it'
    : `gives ${type}: runs are found by a text, a number, true or false, or a timestamp`;

const refusal = (classification: string): string =>
  `reads what is classified as ${classification}: an index would keep it beside the place that protects it. Choose another value, for example an id`;

function classificationOf(value: string, { input, outputsOf }: SearchSources): string | undefined {
  const { syntax } = compileExpression(value);
  for (const path of inputPaths(syntax)) {
    const found = classificationAt(input, path);
    if (found !== undefined) return found;
  }
  for (const { id, path } of stepChains(syntax).chains) {
    const [part, ...rest] = path;
    if (part === 'status') continue;
    if (part === 'failure') {
      if (rest[0] === 'class' || rest[0] === 'code') continue;
      return personal.classification;
    }
    for (const schema of outputsOf(id)) {
      const found = classificationAt(schema, rest);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
