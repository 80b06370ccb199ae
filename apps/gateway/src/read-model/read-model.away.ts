/** Reads cannot be answered now: the store of the read model does not answer, or is being filled from the log. */
export class ReadModelAwayError extends Error {
  readonly code = 'read-model.away';

  constructor(
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(reason, options);
    this.name = 'ReadModelAwayError';
  }
}
