/** What one page of an answer holds at most; one item that is larger is a page of its own. */
export const PAGE_BYTES_MAX = 256 * 1024;
/** What is read for one page: more than it holds, so that it is seen that there is more. */
export const READ_BYTES_MAX = 2 * PAGE_BYTES_MAX;

/** The first of `items` that fit one page together. */
export function withinPage<Item>(
  items: readonly Item[],
  sizeOf: (item: Item) => number,
  bytesMax = PAGE_BYTES_MAX,
): readonly Item[] {
  let bytes = 0;
  const tooMany = items.findIndex((item, at) => {
    bytes += sizeOf(item);
    return at > 0 && bytes > bytesMax;
  });
  return tooMany === -1 ? items : items.slice(0, tooMany);
}

/** Takes rows until they are more than one page. */
export function rowsOfPage<Row>(rows: Iterable<Row>, sizeOf: (row: Row) => number): Row[] {
  const taken: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    taken.push(row);
    bytes += sizeOf(row);
    if (taken.length > 1 && bytes > READ_BYTES_MAX) break;
  }
  return taken;
}
