import { issueText } from '@interlock/contracts';
import type { ProblemDetail } from '@interlock/contracts/http';
import { CommanderError } from 'commander';
import { z } from 'zod';
import { RefusedError, UnavailableError } from './client.js';
import { type ExitCode, exitCodes, UsageError } from './command.js';
import { flagOf } from './command.line.js';
import { plain } from './text.js';

/**
 * Says what went wrong and what to do about it.
 * @throws what nobody has expected
 */
export function explain(error: unknown, print: (text: string) => void): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (error instanceof UsageError) {
    print(`${error.message}\n`);
    return exitCodes.usage;
  }
  if (error instanceof z.ZodError) {
    for (const issue of error.issues) print(`${flagOf(issue.path.join('.'))}: ${issueText(issue)}\n`);
    return exitCodes.usage;
  }
  if (error instanceof UnavailableError) {
    print(`${plain(error.message)}\n${plain(error.advice)}\n`);
    return exitCodes.unreachable;
  }
  if (!(error instanceof RefusedError)) throw error;
  const { title, status, detail, errors } = error.problem;
  print(`${plain(title)} (${status}): ${plain(detail)}\n`);
  for (const problem of errors) print(`  ${problemText(problem)}\n`);
  const advice = adviceOn(status, error.path);
  if (advice !== undefined) print(`${advice}\n`);
  return exitCodes.refused;
}

const problemText = ({ path, message, line }: ProblemDetail): string =>
  plain(`${line === undefined ? '' : `line ${line}: `}${path === '' ? '' : `${path}: `}${message}`);

/** What is worth doing after a refusal, by what was asked for. */
function adviceOn(status: number, path: string): string | undefined {
  const [, , kind = '', id = ''] = (path.split('?')[0] ?? '').split('/');
  switch (status) {
    case 401:
      return [
        'Say who you are: export INTERLOCK_TOKEN=$(./interlock token --sub NAME --role ROLE)',
        'Without a token you are yourself by the key in INTERLOCK_KEYS_DIR (default: keys in INTERLOCK_DATA_DIR): name the folder of that server.',
      ].join('\n');
    case 403:
      if (kind === 'policy') return 'A token with the role: ./interlock token --sub NAME --role admin';
      if (kind === 'control') return 'A token with the role: ./interlock token --sub NAME --role operator';
      return path.endsWith('/votes')
        ? `Who may vote: ./interlock approvals show ${id}. A token of somebody who may: ./interlock token --sub NAME --role ROLE`
        : `A token with the role: ./interlock token --sub NAME --role ${kind === 'artifacts' ? 'admin' : 'operator'}`;
    case 404:
      return kind === 'runs' && id === '' ? 'Which workflows there are: ./interlock doctor' : lists[kind];
    case 409:
      if (kind === 'policy' || kind === 'control') return lists[kind];
      return id === ''
        ? undefined
        : `How it stands: ./interlock ${kind === 'runs' ? 'run' : kind} show ${id}`;
    case 429:
      return 'Wait a moment and repeat it.';
    case 503:
      return 'What it waits for: ./interlock doctor';
    default:
      return undefined;
  }
}

const lists: Readonly<Record<string, string>> = {
  runs: 'What there is: ./interlock run list',
  approvals: 'What there is: ./interlock approvals list',
  policy: 'What there is: ./interlock policy list',
  control: 'What there is: ./interlock stops',
};
