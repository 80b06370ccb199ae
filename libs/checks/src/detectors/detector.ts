/** What all detectors of one check may know besides the text. */
export interface Surroundings {
  /** Hosts that data may link to: `example.com`, or `*.example.com` for all below it. */
  readonly hosts: readonly string[];
  isToolName(name: string): boolean;
}

/**
 * A deterministic search for one kind of thing. It answers in time linear in the text, whatever the text is: patterns have
 * bounded repeats, and start only where the character before cannot belong to a match.
 */
export interface Detector {
  /** As policies name it in `context.findings`. */
  readonly finding: string;
  isIn(text: string, surroundings: Surroundings): boolean;
}

/** A detector for what a pattern says completely. */
export const byPattern = (finding: string, pattern: RegExp): Detector => ({
  finding,
  isIn: (text) => pattern.test(text),
});
