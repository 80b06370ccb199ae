import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { completionScript } from './completion.script.js';
import { commands } from './program.js';

const script = completionScript('bash', commands);

/** What bash offers behind `line`, whose last word is being typed. */
function offered(...words: string[]): string[] {
  const program = `${script}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _interlock; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', program, 'bash', './interlock', ...words], { encoding: 'utf8' })
    .split('\n')
    .filter((word) => word !== '');
}

test('bash takes the script and knows it for both ways to call it', () => {
  const program = 'source <(printf %s "$1"); complete -p interlock ./interlock';
  const specification = execFileSync('bash', ['-c', program, 'bash', script], { encoding: 'utf8' });
  expect(specification.match(/-F _interlock/g)).toHaveLength(2);
});

test('every command is offered where it can be typed', () => {
  for (const { name } of commands) {
    const words = name.split(' ');
    expect(offered(...words), name).toContain(words.at(-1));
  }
});

test.each([
  [['app'], ['approvals']],
  [['approvals', 'ap'], ['approve']],
  [['run', 'cancel', 'run-7', '--ro'], ['--rollback']],
  [['run', 'list', '--status', 'waiting', '--work'], ['--workflow']],
  [['--url', 'http://run', 'run', 'wat'], ['watch']],
  [['run', 'list', '--status', ''], []],
  [['completion', 'f'], ['fish']],
  [['run', 'show', 'list', '--js'], ['--json']],
])('behind %j it offers %j', (words, expected) => {
  expect(offered(...words)).toEqual(expected);
});

test.each([['zsh'], ['fish']] as const)('the script for %s names every command', (shell) => {
  const text = completionScript(shell, commands);
  for (const { name } of commands) expect(text).toContain(`'${name}'`);
});
