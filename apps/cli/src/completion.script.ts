import type { CliCommand } from './command.js';
import { flagOf, shapeOf } from './command.line.js';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** What may follow a beginning of a command line: `''`, `run`, `run list`. */
interface Level {
  readonly path: string;
  readonly words: readonly (readonly [word: string, meaning: string])[];
}

const everywhere = [
  ['--json', 'print the answer as JSON'],
  ['--wide', 'cut nothing'],
  ['--url', 'server to talk to'],
  ['--token', 'who you are'],
  ['--help', 'how it is used'],
] as const;

/** A script that makes a shell complete every command and option of the table, for `interlock` and `./interlock`. */
export function completionScript(shell: Shell, commands: readonly CliCommand[]): string {
  const levels = levelsOf(commands);
  const valued = [...new Set(commands.flatMap(valuedFlags))].sort();
  switch (shell) {
    case 'bash':
      return bash(levels, valued);
    case 'zsh':
      return `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bash(levels, valued)}`;
    case 'fish':
      return fish(levels);
  }
}

function levelsOf(commands: readonly CliCommand[]): Level[] {
  const groups = [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''))];
  const verbs = (group: string) =>
    commands.flatMap(({ name, summary }) => {
      const [first, verb] = name.split(' ');
      return first === group && verb !== undefined ? [[verb, summary] as const] : [];
    });
  const summaryOf = (group: string) =>
    commands.find(({ name }) => name === group)?.summary ??
    verbs(group)
      .map(([verb]) => verb)
      .join(', ');
  return [
    { path: '', words: groups.map((group) => [group, summaryOf(group)] as const) },
    ...groups
      .filter((group) => verbs(group).length > 0)
      .map((group) => ({ path: group, words: verbs(group) })),
    ...commands.map((command) => ({ path: command.name, words: wordsOf(command) })),
  ];
}

const wordsOf = ({ name, options }: CliCommand): Level['words'] => [
  ...(name === 'completion' ? shells.map((shell) => [shell, 'a shell'] as const) : []),
  ...Object.entries(options.shape).map(
    ([option, schema]) => [flagOf(option), schema.description ?? ''] as const,
  ),
  ...everywhere,
];

const valuedFlags = ({ options }: CliCommand): string[] => [
  '--url',
  '--token',
  ...Object.entries(options.shape)
    .filter(([, schema]) => shapeOf(schema) !== 'flag')
    .map(([option]) => flagOf(option)),
];

/** Words that are not options make up the path. After an option with a value it completes files, and also for every unknown word. */
const bash = (levels: readonly Level[], valued: readonly string[]): string => `_interlock() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path='' words='' at word
  COMPREPLY=()
  case $previous in
    ${valued.join('|')}) return 0 ;;
  esac
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    case $word in
      ${valued.join('|')}) ((at++)); continue ;;
      -*) continue ;;
    esac
    case "$path\${path:+ }$word" in
      ${levels
        .filter(({ path }) => path !== '')
        .map(({ path }) => `'${path}'`)
        .join('|')}) path="$path\${path:+ }$word" ;;
    esac
  done
  case $path in
${levels.map(({ path, words }) => `    '${path}') words='${words.map(([word]) => word).join(' ')}' ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _interlock interlock ./interlock
`;

function fish(levels: readonly Level[]): string {
  const known = levels.map(({ path }) => path).filter((path) => path !== '');
  const lines = levels.flatMap(({ path, words }) =>
    words.map(([word, meaning]) => {
      const offered = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`;
      return `complete -c interlock -n "__interlock_at '${path}'" ${offered} -d ${fishQuoted(meaning)}`;
    }),
  );
  return `function __interlock_at
  set -l path ''
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; and continue
    set -l longer (string trim -- "$path $word")
    contains -- $longer ${known.map((path) => `'${path}'`).join(' ')}; and set path $longer
  end
  test "$path" = "$argv[1]"
end
${lines.join('\n')}
`;
}

const fishQuoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
