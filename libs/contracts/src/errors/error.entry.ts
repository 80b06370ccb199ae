/** What the catalogue says of one error code. Markdown; each is one line of `docs/errors.md`. */
export interface ErrorEntry {
  readonly meaning: string;
  /** What to do about it. */
  readonly action: string;
}

/** The codes of one part of the catalogue, in its order. */
export const codesOf = <Code extends string>(part: Readonly<Record<Code, unknown>>): readonly Code[] =>
  Object.keys(part) as Code[];
