import { lengthOf, plain, shortened } from './text.js';

const GAP = 2;
/** No column is cut below this. */
const LEAST = 6;

/**
 * Rows (the first one holds the titles) as aligned lines. With `width`, the widest column that may be cut is cut until a line
 * fits, and the next one; where that is not enough lines are longer than `width`.
 */
export function layOut(
  rows: readonly (readonly string[])[],
  keeps: readonly boolean[],
  width: number | undefined,
): string[] {
  const cells = rows.map((row) => row.map(plain));
  const wanted = keeps.map((_, at) => Math.max(0, ...cells.map((row) => lengthOf(row[at] ?? ''))));
  const widths = width === undefined ? wanted : fitted(wanted, keeps, width);
  return cells.map((row) =>
    row
      .map((cell, at) => padded(shortened(cell, widths[at] ?? 0), widths[at] ?? 0))
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

function fitted(wanted: readonly number[], keeps: readonly boolean[], width: number): number[] {
  const widths = [...wanted];
  const room = width - GAP * (widths.length - 1);
  for (let over = sum(widths) - room; over > 0; over -= 1) {
    const widest = widths.reduce(
      (best, one, at) => (!keeps[at] && one > LEAST && one > (widths[best] ?? 0) ? at : best),
      -1,
    );
    if (widest === -1) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
const padded = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - lengthOf(text)));
