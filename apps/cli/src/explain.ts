import { errorCodeOf, fieldOf, issueText, plain } from '@interlock/contracts';
import type { ProblemDetail } from '@interlock/contracts/http';
import { CommanderError } from 'commander';
import { z } from 'zod';
import { RefusedError, UnavailableError } from './client.js';
import { type ExitCode, exitCodes, UsageError } from './command.js';
import { flagOf } from './command.line.js';

/** Where a refusal is printed. */
export interface Telling {
  readonly print: (text: string) => void;
  /** For programs: one line of JSON, `{code, message, errors}`. */
  readonly isJson: boolean;
}

interface Refusal {
  readonly exit: ExitCode;
  /** Of docs/errors.md. */
  readonly code: string;
  readonly message: string;
  readonly errors?: readonly ProblemDetail[];
  /** The lines that people read. */
  readonly lines: readonly (string | undefined)[];
}

/**
 * Says what went wrong and what to do about it.
 * @throws an unexpected error
 */
export function explain(error: unknown, { print, isJson }: Telling): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.done;
    // For people, commander has said it already.
    if (isJson) print(`${JSON.stringify({ code: 'usage', message: saidBy(error), errors: [] })}\n`);
    return exitCodes.usage;
  }
  const { exit, code, message, errors = [], lines } = refusalOf(error);
  if (isJson) print(`${JSON.stringify({ code, message, errors })}\n`);
  else for (const line of lines) if (line !== undefined) print(`${line}\n`);
  return exit;
}

const saidBy = ({ message }: CommanderError): string => message.replace(/^error: /, '');

function refusalOf(error: unknown): Refusal {
  if (error instanceof RefusedError) return refusedBy(error);
  if (error instanceof UnavailableError) {
    const { message, advice } = error;
    return {
      exit: exitCodes.unreachable,
      code: 'unreachable',
      message,
      lines: [plain(message), plain(advice)],
    };
  }
  if (error instanceof z.ZodError) return wrongOptions(error);
  const message = error instanceof UsageError ? error.message : unwritable(error);
  if (message === undefined) throw error;
  return { exit: exitCodes.usage, code: 'usage', message, lines: [message] };
}

/** What a file or a folder that cannot be written says; undefined: it is another error. */
function unwritable(error: unknown): string | undefined {
  const code = errorCodeOf(error);
  const path = fieldOf(error, 'path');
  const why = code === undefined ? undefined : inTheWay[code];
  return why === undefined || typeof path !== 'string' ? undefined : `${path} ${why}`;
}

const inTheWay: Readonly<Record<string, string>> = {
  EEXIST: 'is there already, and is no folder. Name another one.',
  ENOTDIR: 'lies below a file, and not in a folder. Name another one.',
  EACCES: 'may not be written by you. Name another one, or ask who may.',
  EPERM: 'may not be written by you. Name another one, or ask who may.',
  EROFS: 'lies on a disk that cannot be written. Name another one.',
  ENOSPC: 'does not fit: the disk is full.',
  ENAMETOOLONG: 'is too long a name. Give a shorter one.',
};

function wrongOptions({ issues }: z.ZodError): Refusal {
  const errors = issues.map((issue) => ({ path: flagOf(issue.path.join('.')), message: issueText(issue) }));
  const lines = errors.map(({ path, message }) => `${path}: ${message}`);
  return { exit: exitCodes.usage, code: 'usage', message: lines.join('; '), errors, lines };
}

function refusedBy({ problem, path }: RefusedError): Refusal {
  const { title, status, code, detail, errors } = problem;
  const lines = [
    `${plain(title)} (${status}): ${plain(detail)}`,
    ...errors.filter((one) => !isSaidIn(detail, one)).map((one) => `  ${problemText(one)}`),
    code === 'form.role' ? FORM_ADVICE : adviceOn(status, path),
  ];
  return { exit: exitCodes.refused, code, message: detail, errors, lines };
}

const isSaidIn = (detail: string, { path, message }: ProblemDetail): boolean =>
  detail.includes(message) && detail.includes(path);

const problemText = ({ path, message, line }: ProblemDetail): string =>
  plain(`${line === undefined ? '' : `line ${line}: `}${path === '' ? '' : `${path}: `}${message}`);

const FORM_ADVICE =
  'A token of somebody who may answer: export INTERLOCK_TOKEN=$(./interlock token --sub NAME --role ROLE)';

/** What is worth doing after a refusal, by what was asked for. */
function adviceOn(status: number, path: string): string | undefined {
  const [, , kind = '', id = ''] = (path.split('?')[0] ?? '').split('/');
  switch (status) {
    case 401:
      return [
        'Say who you are: export INTERLOCK_TOKEN=$(./interlock token --sub NAME --role ROLE)',
        'Without a token you are yourself by the key in INTERLOCK_KEYS_DIR (default: keys in INTERLOCK_DATA_DIR): name the folder of that server, export INTERLOCK_DATA_DIR=DIR.',
      ].join('\n');
    case 403:
      if (kind === 'policy') return 'A token with the role: ./interlock token --sub NAME --role admin';
      if (kind === 'control') return 'A token with the role: ./interlock token --sub NAME --role operator';
      return path.endsWith('/votes')
        ? `Who may vote: ./interlock approvals show ${id}. A token of somebody who may: ./interlock token --sub NAME --role ROLE`
        : `A token with the role: ./interlock token --sub NAME --role ${kind === 'artifacts' ? 'admin' : 'operator'}`;
    case 404:
      return startsRuns.has(kind) && id === '' ? 'List the workflows: ./interlock doctor' : lists[kind];
    case 409:
      if (kind === 'policy' || kind === 'control' || (kind === 'schedules' && id === '')) return lists[kind];
      return id === '' ? undefined : `Show its state: ./interlock ${nouns[kind] ?? kind} show ${id}`;
    case 429:
      return 'Wait a moment and repeat it.';
    case 503:
      return 'See what it waits for: ./interlock doctor';
    default:
      return undefined;
  }
}

/** What is asked for by the name of a workflow. */
const startsRuns: ReadonlySet<string> = new Set(['runs', 'schedules']);

const nouns: Readonly<Record<string, string>> = { runs: 'run', schedules: 'schedule' };

const lists: Readonly<Record<string, string>> = {
  runs: 'List the runs: ./interlock run list',
  approvals: 'List the approvals: ./interlock approvals list',
  policy: 'List the bundles: ./interlock policy list',
  control: 'List the stops: ./interlock stops',
  schedules: 'List the schedules: ./interlock schedule list',
  bulk: 'List the bulk orders: ./interlock bulk list',
  quarantine: 'List what is in quarantine: ./interlock quarantine list',
};
