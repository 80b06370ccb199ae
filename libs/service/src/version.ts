import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { pathToFileURL } from 'node:url';
import { fieldOf } from '@interlock/contracts';

/**
 * The version of the package that `main` belongs to, as its `package.json` says; `unknown` without one.
 * @param main path of the file that this process runs
 */
export function versionOf(main: string): string {
  const file = packageOf(main);
  if (file === undefined) return 'unknown';
  const version = fieldOf(JSON.parse(readFileSync(file, 'utf8')), 'version');
  return typeof version === 'string' ? version : 'unknown';
}

/** Undefined: none, or a path that is not that of a file. */
function packageOf(main: string): string | undefined {
  try {
    return findPackageJSON(pathToFileURL(main));
  } catch {
    return undefined;
  }
}

/** Answers `--version` with `gateway 0.1.0` and ends the process; any other start goes on. */
export function answerVersion(service: string, [, main = '', ...given]: readonly string[]): void {
  if (!given.includes('--version')) return;
  process.stdout.write(`${service} ${versionOf(main)}\n`);
  process.exit(0);
}
