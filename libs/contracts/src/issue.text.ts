import type { z } from 'zod';

/** What is wrong with a value that somebody gave, in words that say what to give instead. Messages of our own stay as they are. */
export function issueText(issue: z.core.$ZodIssue): string {
  if (isOwn(issue)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return / received undefined$/.test(issue.message) ? 'is required' : `must be ${aOf(issue.expected)}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      // None of the kinds that there are: which one is meant, its discriminator says.
      return 'options' in issue && issue.options !== undefined
        ? `must be one of ${issue.options.map(String).join(', ')}`
        : issue.message;
    case 'too_big':
      return `must be ${boundOf('at most', issue.maximum, issue.origin)}`;
    case 'too_small':
      return `must be ${boundOf('at least', issue.minimum, issue.origin)}`;
    default:
      return issue.message;
  }
}

const OWN_WORDS = /^(?!Too (big|small)|Invalid )/;
const isOwn = ({ message }: z.core.$ZodIssue): boolean => OWN_WORDS.test(message);

const aOf = (type: string): string =>
  type === 'int' ? 'a whole number' : `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;

const units: Readonly<Record<string, string>> = { string: ' characters long', array: ' items long' };
const boundOf = (side: string, bound: number | bigint, origin: string): string =>
  `${side} ${bound}${units[origin] ?? ''}`;

/** What is wrong, and where. */
export interface PlacedIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Each thing that is wrong, unknown fields one by one; of a union the alternative with the fewest complaints. */
export function placedIssues(
  issues: readonly z.core.$ZodIssue[],
  within: readonly PropertyKey[] = [],
): PlacedIssue[] {
  return issues.flatMap((issue): PlacedIssue[] => {
    const path = [...within, ...issue.path];
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ path: [...path, key], message: 'unknown field' }));
    if (issue.code === 'invalid_union' && issue.errors.length > 0)
      return placedIssues(closest(issue.errors), path);
    return [{ path, message: issueText(issue) }];
  });
}

/** All that is wrong in one text: `schedules[0].evry: unknown field; ...`. */
export const issuesText = ({ issues }: Pick<z.core.$ZodError, 'issues'>): string =>
  placedIssues(issues)
    .map(({ path, message }) => (path.length === 0 ? message : `${pathText(path)}: ${message}`))
    .join('; ');

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');

const closest = (alternatives: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] =>
  alternatives.reduce((best, next) => (next.length < best.length ? next : best), alternatives[0] ?? []);
