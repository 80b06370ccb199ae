/** What a schema may cost. One that is larger is refused when it is published; a value that costs more is refused, too. */
export const limits = {
  /** Levels of nesting of the schema's own JSON. */
  depthMax: 100,
  /** JSON values in it, enums and constants included. */
  valuesMax: 250_000,
  /** Subschemas, each counted once. */
  subschemasMax: 10_000,
  /** Subschemas after every reference has been replaced by what it leads to. A recursion counts once. */
  expandedMax: 20_000,
  patternCharsMax: 2_000,
  /** Instructions of one compiled pattern, and of all the different ones of a schema together. */
  patternSizeMax: 3_000,
  patternsSizeMax: 20_000,
  /** Steps of one validation: about what a value of 480 KB takes whose every item is small. */
  stepsMax: 300_000,
  /** How deeply evaluations may be nested; a value nests less, as it passed a boundary. */
  nestingMax: 1_000,
  /** Problems reported for one schema or value, at most. */
  problemsMax: 50,
  messageCharsMax: 500,
} as const;
