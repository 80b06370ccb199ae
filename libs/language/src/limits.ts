/** What a document may cost before anyone has looked at it. A document beyond a limit is refused, never cut. */
export const limits = {
  documentBytesMax: 512 * 1024,
  nestingMax: 64,
  nodesMax: 100_000,
  aliasesMax: 100,
  /** In all bodies together. */
  stepsMax: 2_000,
  /** Bodies inside of bodies: the longest path of a step has to fit into its message. */
  bodyDepthMax: 8,
  branchesMax: 100,
  /** Tools of which a budget bounds the calls. */
  toolBudgetsMax: 100,
  /** Items of one `forEach`, passes of one `repeat`. */
  turnsMax: 100_000,
  /** Turns of one body at a time. */
  concurrencyMax: 1_000,
  /** Every call of a run names the agent steps whose models led to it. */
  agentStepsMax: 50,
  /** Steps of one document that start a child. */
  childStepsMax: 100,
  /** Runs one below the other: a root, its children, theirs. */
  familyDepthMax: 8,
  rulesMax: 1_000,
  expressionCharsMax: 4_096,
  /** Problems reported for one document; a broken generator would otherwise answer with megabytes. */
  problemsMax: 200,
} as const;
