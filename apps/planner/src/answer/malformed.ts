import type { CodedFailure } from '@interlock/contracts';

/** The model answered, and what it answered has not the form it was asked for. */
export const malformed = (because: string): CodedFailure => ({
  class: 'invalid_output',
  code: 'model.malformed',
  message: because.slice(0, 2_000).toWellFormed(),
});
