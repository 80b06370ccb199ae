import type { CaseFinding, CaseResult } from '@interlock/cases';
import { plain } from '@interlock/contracts';
import { UsageError } from './command.js';
import { unreadable } from './json.argument.js';
import type { Output } from './output.js';
import { spanText } from './time.text.js';

/** Shows what came of cases: a line for each, and under one that failed a line for each problem. */
export function showCases(file: string, cases: readonly CaseResult[], output: Output): void {
  for (const { name, ok, problems, came } of cases) {
    output.line(plain(`${signOf(ok, output)}  ${name}  ${summaryOf(came)}`));
    showFindings(file, problems, output);
    if (!ok) output.line(plain(`      It did: ${deedsOf(came)}`));
  }
  const failed = cases.filter(({ ok }) => !ok).length;
  const count = counted(cases.length, 'case');
  output.line(failed === 0 ? `${count}, all as expected` : `${count}, ${failed} failed`);
}

export const signOf = (ok: boolean, output: Output): string =>
  ok ? output.style('green', 'ok  ') : output.style('red', 'FAIL');

/** `file:line:column: path: message`, as editors and people jump to it. */
export function showFindings(file: string, problems: readonly CaseFinding[], output: Output): void {
  for (const { path, message, line, column } of problems) {
    const place = [file, line, column].filter((part) => part !== undefined).join(':');
    output.line(plain(`      ${place}: ${path}: ${message}`));
  }
}

/** @throws {UsageError} the file cannot be read */
export async function readable<T>(
  what: string,
  file: string,
  work: (file: string) => Promise<T>,
): Promise<T> {
  try {
    return await work(file);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new UsageError(`${what} ${file} ${unreadable(error)}`);
  }
}

const SHOWN_MAX = 30;

/** The steps in the order in which they ended, and the calls: what an author compares first. */
function deedsOf({ path, calls }: CaseResult['came']): string {
  const steps = path.map(({ step, how }) => (how === 'completed' ? step : `${step}: ${how}`));
  const made = calls.map(({ tool, attempts }) => (attempts === 1 ? tool : `${tool} (${attempts} attempts)`));
  return `steps ${listed(steps)}; calls ${listed(made)}`;
}

function listed(texts: readonly string[]): string {
  if (texts.length === 0) return 'none';
  const rest = texts.length - SHOWN_MAX;
  return `${texts.slice(0, SHOWN_MAX).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function summaryOf({ run, path, calls, tookMs }: CaseResult['came']): string {
  if (run === undefined) return 'the run did not start';
  const steps = path.filter(({ how }) => how !== 'skipped').length;
  return `${run.status}, ${counted(steps, 'step')}, ${counted(calls.length, 'call')}, ${spanText(tookMs)} on its clock`;
}

export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
