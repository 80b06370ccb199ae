import type { CaseResult } from '@interlock/cases';
import { plain } from '@interlock/contracts';
import type { Output } from './output.js';
import { spanText } from './time.text.js';

/** Shows what came of cases: a line for each, and under one that failed a line for each problem. */
export function showCases(file: string, cases: readonly CaseResult[], output: Output): void {
  for (const { name, ok, problems, came } of cases) {
    const sign = ok ? output.style('green', 'ok  ') : output.style('red', 'FAIL');
    output.line(plain(`${sign}  ${name}  ${summaryOf(came)}`));
    for (const { path, message, line, column } of problems) {
      const place = [file, line, column].filter((part) => part !== undefined).join(':');
      output.line(plain(`      ${place}: ${path}: ${message}`));
    }
  }
  const failed = cases.filter(({ ok }) => !ok).length;
  const count = counted(cases.length, 'case');
  output.line(failed === 0 ? `${count}, all as expected` : `${count}, ${failed} failed`);
}

function summaryOf({ run, path, calls, tookMs }: CaseResult['came']): string {
  if (run === undefined) return 'the run did not start';
  const steps = path.filter(({ how }) => how !== 'skipped').length;
  return `${run.status}, ${counted(steps, 'step')}, ${counted(calls.length, 'call')}, ${spanText(tookMs)} on its clock`;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
