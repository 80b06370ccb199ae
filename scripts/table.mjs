// Lines of columns for whoever looks at a terminal.
const GAP = '  ';

/**
 * Rows (the first one holds the titles) as aligned lines; a column of numbers is aligned to the right.
 * @param {string[][]} rows
 */
export function table(rows) {
  const columns = (rows[0] ?? []).map((_, at) => rows.map((row) => row[at] ?? ''));
  const widths = columns.map((cells) => Math.max(...cells.map((cell) => cell.length)));
  const areNumbers = columns.map(
    ([, ...cells]) => cells.length > 0 && cells.every((cell) => /^\d+$/.test(cell)),
  );
  const line = (row) =>
    row
      .map((cell, at) => (areNumbers[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join(GAP);
  return rows.map((row) => line(row).trimEnd());
}

/** Names and what belongs to them; what is undefined is left out. */
export const facts = (pairs) => table(pairs.filter(([, value]) => value !== undefined));

/** As many of `names` as fit, and how many there are beside them. */
export function listed(names, room) {
  for (let shown = names.length; shown > 0; shown -= 1) {
    const rest = names.length - shown;
    const text = `${names.slice(0, shown).join(', ')}${rest === 0 ? '' : ` and ${rest} more`}`;
    if (text.length <= room) return text;
  }
  return String(names.length);
}
