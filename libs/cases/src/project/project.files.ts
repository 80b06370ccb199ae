import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorText } from '@interlock/contracts';
import type { Path, Problem } from '@interlock/language';
import { type DescribedModules, describeModules, ModuleError } from '@interlock/tools';

/** What is wrong with one file; `path` is a place in the file of cases. */
export class ProjectError extends Error {
  constructor(
    readonly path: Path,
    /** Of the file of cases when it is absent. */
    readonly file: string | undefined,
    readonly problems: readonly Problem[],
  ) {
    super(problems.map(({ message }) => message).join('; '));
    this.name = 'ProjectError';
  }
}

export const problemAt = (path: Path, message: string): ProjectError =>
  new ProjectError(path, undefined, [{ path: '', message }]);

/**
 * What modules bring, without running their code here.
 * @throws {ProjectError}
 */
export async function modulesAt(paths: readonly string[], folder: string): Promise<DescribedModules> {
  try {
    return await describeModules(paths.map((path) => resolve(folder, path)));
  } catch (error) {
    if (!(error instanceof ModuleError)) throw error;
    throw problemAt(['modules'], error.message);
  }
}

/** @throws {ProjectError} */
export async function textAt(at: Path, folder: string, path: string): Promise<string> {
  try {
    return await readFile(resolve(folder, path), 'utf8');
  } catch (error) {
    throw problemAt(at, `${path} cannot be read: ${errorText(error)}`);
  }
}
