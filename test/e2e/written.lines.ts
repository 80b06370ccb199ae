import { existsSync, readFileSync } from 'node:fs';

/** Without the line that its process is still writing, or was killed in. */
const wholeLines = (text: string): string[] =>
  text
    .split('\n')
    .slice(0, -1)
    .filter((line) => line !== '');

/** The JSON values that other processes have appended to a file so far, one a line; none while nobody has. */
export const writtenLines = <Line>(path: string): Line[] =>
  existsSync(path) ? wholeLines(readFileSync(path, 'utf8')).map((line) => JSON.parse(line)) : [];
