import { plain } from '@interlock/contracts';
import type { ProblemDetail } from '@interlock/contracts/http';
import type { Output } from './output.js';

/** One line a problem, `file:line:column: path: message`: editors and people jump to it. */
export function showProblems(file: string, problems: readonly ProblemDetail[], output: Output): void {
  for (const { path, message, line, column } of problems) {
    const place = [file, line, column].filter((part) => part !== undefined).join(':');
    output.line(plain(`${place}: ${path === '' ? '' : `${path}: `}${message}`));
  }
  output.line(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`);
}
