import type { EventFeed } from '@interlock/projection';

/** A page ends here, also when it holds less than was asked for. */
const PAGE_CHARS_MAX = 8 * 1024 * 1024;
/** So many steps of reading, a megabyte or less each, and no more for one page: most may be of other tenants. */
const STEPS_MAX = 32;

/** The next events as JSON of `{items, next, more}`. */
export async function feedPageJson(feed: EventFeed, limit: number): Promise<string> {
  const items: string[] = [];
  let next = feed.position;
  let chars = 0;
  let steps = 0;
  const page = (more: boolean) => `{"items":[${items.join(',')}],"next":"${next}","more":${more}}`;
  for await (const told of feed.toPresentEnd()) {
    for (const { json, position } of told) {
      if (items.length >= limit || (items.length > 0 && chars + json.length > PAGE_CHARS_MAX))
        return page(true);
      items.push(json);
      chars += json.length;
      next = position;
    }
    next = feed.position;
    steps++;
    if (steps >= STEPS_MAX) return page(true);
  }
  return page(false);
}
