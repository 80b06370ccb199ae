/** The filter cannot be taken. */
export class RunFilterError extends Error {
  /** @param at where in the filter, from 1 */
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
    this.name = 'RunFilterError';
  }
}
