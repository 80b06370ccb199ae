import type { ProblemDetail } from '@interlock/contracts/http';
import type { Misfit } from '@interlock/schema';

/** What does not fit, by its place in the request: `input.lines[2].sku`. */
export const errorsAt = (base: string, { problems }: Pick<Misfit, 'problems'>): ProblemDetail[] =>
  problems.map(({ path, message }) => ({ path: placeIn(base, path), message }));

function placeIn(base: string, path: string): string {
  if (path === '') return base;
  return path.startsWith('[') ? `${base}${path}` : `${base}.${path}`;
}
