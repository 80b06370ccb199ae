/** What the catalogue says of one error code. Markdown; each is one line of `docs/errors.md`. */
export interface ErrorEntry {
  readonly meaning: string;
  /** What to do about it. */
  readonly action: string;
}
