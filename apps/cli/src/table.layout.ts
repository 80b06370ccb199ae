import { plain } from '@interlock/contracts';
import { lengthOf, shortened } from './text.js';

const GAP = 2;
/** No column is cut below this. */
const LEAST = 6;
/** A column that is cut below this says little: spare columns are left out first. */
const USEFUL = 12;

export interface ColumnRule {
  readonly title: string;
  /** Never cut. */
  readonly keep: boolean;
  /** Left out where there is no room for it. */
  readonly spare: boolean;
}

export interface Layout {
  /** The titles, and then a line for each row. */
  readonly lines: readonly string[];
  /** Titles of the columns that are left out. */
  readonly leftOut: readonly string[];
}

/**
 * Rows as aligned lines under their titles. With `width`, spare columns are left out, the last one first, until the others have room;
 * then the widest column that may be cut is cut until a line fits, and the next one. Where that is not enough lines are longer than
 * `width`.
 */
export function layOut(
  columns: readonly ColumnRule[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): Layout {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) => row.map(plain));
  const wanted = columns.map((_, at) => Math.max(0, ...cells.map((row) => lengthOf(row[at] ?? ''))));
  const shown = width === undefined ? [...columns.keys()] : withRoom(columns, wanted, width);
  const keeps = shown.map((at) => columns[at]?.keep === true);
  const wantedHere = shown.map((at) => wanted[at] ?? 0);
  const widths = width === undefined ? wantedHere : fitted(wantedHere, keeps, width);
  return {
    lines: cells.map((row) =>
      shown
        .map((at, place) => padded(shortened(row[at] ?? '', widths[place] ?? 0), widths[place] ?? 0))
        .join(' '.repeat(GAP))
        .trimEnd(),
    ),
    leftOut: columns.flatMap(({ title }, at) => (shown.includes(at) ? [] : [title])),
  };
}

/** Which columns are shown, by their index. */
function withRoom(columns: readonly ColumnRule[], wanted: readonly number[], width: number): number[] {
  let shown = [...columns.keys()];
  const leastOf = (at: number) =>
    columns[at]?.keep === true ? (wanted[at] ?? 0) : Math.min(wanted[at] ?? 0, USEFUL);
  const isTooWide = () => sum(shown.map(leastOf)) + GAP * (shown.length - 1) > width;
  for (const at of [...columns.keys()].reverse())
    if (columns[at]?.spare === true && isTooWide()) shown = shown.filter((other) => other !== at);
  return shown;
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
