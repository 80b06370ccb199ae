import { APPEND_BYTES_MAX, AppendTooLargeError, OutcomeUnknownError } from '@interlock/broker';
import { Problem } from '../http/problem.js';

export const tooLargeInput = (bytesMax: number): Problem =>
  new Problem(
    'too-large',
    `This is over the ${bytesMax.toLocaleString('en')} bytes that fit one record. Pass a reference instead.`,
  );

/** What an append that failed means for the caller. */
export function appendProblem(error: unknown): unknown {
  if (error instanceof OutcomeUnknownError) {
    return new Problem(
      'not-ready',
      'The log did not answer, so whether this was taken is unknown. With a key, repeating it is safe.',
      [],
      1,
    );
  }
  return error instanceof AppendTooLargeError ? tooLargeInput(APPEND_BYTES_MAX) : error;
}
