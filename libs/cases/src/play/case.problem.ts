import type { Path } from '@interlock/language';

/** What does not come out as a case says. `path` is a place in its file. */
export interface CaseProblem {
  readonly path: Path;
  readonly message: string;
  readonly expected?: unknown;
  readonly got?: unknown;
}

/** Ends a case: it cannot be played further. */
export class CaseStopped extends Error {
  constructor(
    readonly path: Path,
    message: string,
  ) {
    super(message);
    this.name = 'CaseStopped';
  }
}

const SHOWN_CHARS_MAX = 300;

/** A value in a sentence. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= SHOWN_CHARS_MAX ? text : `${text.slice(0, SHOWN_CHARS_MAX).toWellFormed()}...`;
}
