/** What is wrong with a document or a value, and where. */
export interface Problem {
  /** `steps.order.with.items[0]`; empty for the document as a whole. */
  readonly path: string;
  readonly message: string;
  /** From 1; absent when the document came as an object. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
}

export type Path = readonly (string | number)[];

/** `['steps', 'a', 'needs', 0]` becomes `steps.a.needs[0]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** Where a path stands in the text it came from. */
export type Locate = (path: Path) => { readonly line: number; readonly column: number } | undefined;

/** Takes problems as they are found: every check of a document writes into one of these. */
export type Report = (path: Path, message: string) => void;

/** A list of problems with their positions; what is reported twice is listed once. */
export function problemList(locate: Locate, max: number): { report: Report; problems: Problem[] } {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const report: Report = (path, message) => {
    const formatted = formatPath(path);
    const key = `${formatted}\n${message}`;
    if (problems.length >= max || seen.has(key)) return;
    seen.add(key);
    problems.push({ path: formatted, message, ...locate(path) });
  };
  return { report, problems };
}
