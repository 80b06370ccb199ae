/** The store of the read model has no index that answers a part of a filter. */
export class FilterUnansweredError extends Error {
  /** @param at where in the filter, from 1; undefined: it is about words */
  constructor(
    message: string,
    readonly at: number | undefined,
  ) {
    super(message);
    this.name = 'FilterUnansweredError';
  }
}
