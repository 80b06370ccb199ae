import { issueText } from '@interlock/contracts';
import type { z } from 'zod';
import { isPlainObject } from './json-guard.js';
import type { Path, Report } from './problem.js';

type Issue = z.core.$ZodIssue;

/** Chooses which alternative of a union a value was meant to be; `undefined` leaves it to the closest one. */
export type ChooseAlternative = (path: Path, value: unknown) => number | undefined;

/** Reports what a zod schema found, one sentence for each fact. */
export function reportIssues(
  issues: readonly Issue[],
  root: unknown,
  report: Report,
  choose: ChooseAlternative = () => undefined,
  base: Path = [],
): void {
  for (const issue of issues) {
    const path = [...base, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) report([...path, key], `unknown field "${key}"`);
    } else if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      const meant = choose(path, valueAt(root, path)) ?? closest(issue.errors);
      reportIssues(issue.errors[meant] ?? [], root, report, choose, path);
    } else if (issue.code === 'invalid_key') {
      reportIssues(issue.issues, root, report, choose, path);
    } else {
      report(path, sentence(issue, valueAt(root, path)));
    }
  }
}

/** The alternative that got furthest: its first complaint lies deepest, then it has the fewest. */
function closest(alternatives: readonly (readonly Issue[])[]): number {
  const scores = alternatives.map((issues) => {
    const wrongKind = issues.some(({ code, path }) => code !== 'unrecognized_keys' && path.length === 0);
    return (
      issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0) +
      (wrongKind ? 100 : 0)
    );
  });
  return scores.indexOf(Math.min(...scores));
}

function sentence(issue: Issue, value: unknown): string {
  if (issue.code === 'invalid_type') {
    if (issue.expected === 'int' && typeof value === 'number') return 'must be a whole number';
    return value === undefined ? 'is required' : `must be ${article(issue.expected)}, not ${nameOf(value)}`;
  }
  if (issue.code === 'invalid_value')
    return `must be ${issue.values.map((v) => JSON.stringify(v)).join(' or ')}`;
  if (issue.code === 'too_small')
    return issue.origin === 'string' || issue.origin === 'array'
      ? 'must not be empty'
      : `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
  if (issue.code === 'too_big')
    return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
  return issueText(issue);
}

const article = (type: string): string => {
  const word = type === 'record' ? 'object' : type === 'int' ? 'whole number' : type;
  return /^[aeio]/.test(word) ? `an ${word}` : `a ${word}`;
};

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : article(typeof value);
}

export function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => {
    if (Array.isArray(value)) return value[Number(part)];
    return isPlainObject(value) ? value[part] : undefined;
  }, root);
}
