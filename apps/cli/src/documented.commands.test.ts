import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { flagOf } from './command.line.js';
import { commands } from './program.js';

const everywhere = new Set(['--json', '--wide', '--url', '--token', '--help']);
/** Words of other commands that stand on the same line, as in `--token "$(./interlock token --sub ed)"`. */
const NEXT = /\$\(.*?\)|[`#|;<>].*$/g;

interface Documented {
  readonly place: string;
  readonly words: string;
}

/** Every command line of `./interlock` in the documents: behind it up to the end of the code or of the line. That it signs is a sentence. */
function documented(): Documented[] {
  const files = ['README.md', ...globSync('docs/**/*.md'), ...globSync('examples/**/README.md')];
  return files
    .filter((file) => !file.startsWith('docs/decisions/'))
    .flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .flatMap((line, index) =>
          line
            .split('./interlock ')
            .slice(1)
            .filter((words) => !words.startsWith('signs'))
            .map((words) => ({ place: `${file}:${index + 1}`, words: words.replaceAll(NEXT, '') })),
        ),
    );
}

function problemOf({ place, words }: Documented): string[] {
  const command = commands
    .filter(({ name }) => words === name || words.startsWith(`${name} `) || words.startsWith(`${name})`))
    .sort((one, other) => other.name.length - one.name.length)[0];
  const isGroup = commands.some(({ name }) => name.startsWith(`${words.trim()} `));
  if (command === undefined) return isGroup ? [] : [`${place}: there is no command ${words}`];
  const known = new Set([...everywhere, ...Object.keys(command.options.shape).map(flagOf)]);
  const flags = [...words.matchAll(/(?<=\s)--[a-z][a-z-]*/g)].map(([flag]) => flag);
  return flags
    .filter((flag) => !known.has(flag))
    .map((flag) => `${place}: ${command.name} has no option ${flag}`);
}

test('every command that the documents show is there, and takes the options that they show', () => {
  const lines = documented();
  expect(lines.length).toBeGreaterThan(100);
  expect(lines.flatMap(problemOf)).toEqual([]);
});
