import type { z } from 'zod';

/** What is wrong with a value that somebody gave, in words that say what to give instead. Messages of our own stay as they are. */
export function issueText(issue: z.core.$ZodIssue): string {
  if (isOwn(issue)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return / received undefined$/.test(issue.message) ? 'is required' : `must be ${aOf(issue.expected)}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
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
