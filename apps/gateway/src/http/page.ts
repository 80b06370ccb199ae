/** A page ends here, also when it holds less than was asked for. */
const PAGE_CHARS_MAX = 8 * 1024 * 1024;

export interface Paged<Item> {
  /** Unique, and in the order of the items; the cursor behind it. */
  placeOf(item: Item): string;
  shown(item: Item): unknown;
}

/** The first of some items behind `cursor`, as JSON of `{items, next?}`. */
export function pageJson<Item>(
  items: readonly Item[],
  { placeOf, shown }: Paged<Item>,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): string {
  const texts: string[] = [];
  let chars = 0;
  let last: string | undefined;
  const page = (next?: string) =>
    `{"items":[${texts.join(',')}]${next === undefined ? '' : `,"next":${JSON.stringify(next)}`}}`;
  for (const item of items) {
    const place = placeOf(item);
    if (cursor !== undefined && place <= cursor) continue;
    if (texts.length >= limit) return page(last);
    const text = JSON.stringify(shown(item));
    chars += text.length;
    if (texts.length > 0 && chars > PAGE_CHARS_MAX) return page(last);
    texts.push(text);
    last = place;
  }
  return page();
}
