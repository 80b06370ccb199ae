import { Problem } from '@interlock/commands';
import { parseRunFilter, RunFilterError, type RunPredicate } from '@interlock/language';
import type { FilterUnansweredError } from '@interlock/read-model';

/**
 * The filter of a request.
 * @throws {Problem} malformed, with the place of the error
 */
export function filterIn(text: string): RunPredicate {
  try {
    return parseRunFilter(text);
  } catch (error) {
    if (!(error instanceof RunFilterError)) throw error;
    const { message, at } = error;
    throw new Problem(
      'malformed',
      `The filter cannot be taken: ${message}, at character ${at}.`,
      [{ path: 'filter', message: `${message}, at character ${at}`, line: 1, column: at }],
      undefined,
      'filter.invalid',
    );
  }
}

export function unansweredFilter({ message, at }: FilterUnansweredError): Problem {
  const place = at === undefined ? {} : { line: 1, column: at };
  return new Problem(
    'malformed',
    `Runs cannot be looked for so here: ${message}.`,
    [{ path: 'filter', message, ...place }],
    undefined,
    'filter.unanswered',
  );
}
