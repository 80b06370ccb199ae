import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { formatPath, type Locate, type Path, type Problem } from '@interlock/language';
import { readCases } from './case/case.file.js';
import { missesOf } from './expect/misses.js';
import type { CaseProblem } from './play/case.problem.js';
import { play } from './play/play.js';
import type { Came } from './play/played.js';
import { ProjectError } from './project/project.files.js';
import { projectOf } from './project/project.js';

/** What is wrong, and where in the file of cases. */
export interface CaseFinding extends Problem {
  readonly expected?: unknown;
  readonly got?: unknown;
}

export interface CaseResult {
  readonly name: string;
  readonly line?: number;
  readonly ok: boolean;
  readonly problems: readonly CaseFinding[];
  /** What the run did. */
  readonly came: Came;
}

/** Why nothing of a file could be tested, `of` the file that it is about. */
export interface Unplayable {
  readonly played: false;
  readonly ok: false;
  readonly of: string;
  readonly problems: readonly Problem[];
}

/** Cases that were played; or, `of` a file, why none could be. */
export type TestedFile =
  | {
      readonly played: true;
      readonly ok: boolean;
      readonly workflow: string;
      readonly cases: readonly CaseResult[];
    }
  | Unplayable;

/**
 * Plays the cases of a file, one after the other.
 * @param only the case of this name alone
 * @throws the file cannot be read
 */
export async function testFile(path: string, only?: string): Promise<TestedFile> {
  const read = readCases(await readFile(path, 'utf8'));
  if (!read.ok) return { played: false, ok: false, of: path, problems: read.problems };
  const { file, locate } = read;
  try {
    const project = await projectOf(file, dirname(resolve(path)));
    const cases: CaseResult[] = [];
    for (const [index, { name, expect }] of file.cases.entries()) {
      if (only !== undefined && name !== only) continue;
      const at: Path = ['cases', index];
      const { problems: stopped, events: _, ...came } = await play(project, file, index);
      // What kept a case from being played explains whatever came otherwise.
      const problems = [...stopped, ...missesOf(expect, came, [...at, 'expect'])];
      const { line } = locate([...at, 'name']) ?? {};
      cases.push({
        name,
        ...(line !== undefined && { line }),
        ok: problems.length === 0,
        problems: problems.map((problem) => findingOf(problem, locate)),
        came,
      });
    }
    const { name, version } = project.workflow;
    return { played: true, ok: cases.every(({ ok }) => ok), workflow: `${name}@${version}`, cases };
  } catch (error) {
    if (!(error instanceof ProjectError)) throw error;
    return unplayable(path, error, locate);
  }
}

export const findingOf = ({ path, ...problem }: CaseProblem, locate: Locate): CaseFinding => ({
  path: formatPath(path),
  ...problem,
  ...locate(path),
});

/** Problems of another file have their own lines; the rest stands in the file of cases. */
export function unplayable(
  path: string,
  { path: at, file, problems }: ProjectError,
  locate: Locate,
): Unplayable {
  if (file !== undefined) return { played: false, ok: false, of: file, problems };
  const placed = problems.map((problem): Problem => {
    const inner = [formatPath(at), problem.path].filter((part) => part !== '').join(': ');
    return { path: inner, message: problem.message, ...locate(at) };
  });
  return { played: false, ok: false, of: path, problems: placed };
}
