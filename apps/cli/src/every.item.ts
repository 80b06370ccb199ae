import type { Client } from './client.js';
import { queryOf } from './list.options.js';

interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string | undefined;
}

/** The items of every page of a list, in its order. */
export async function everyItem<T>(
  client: Client,
  path: string,
  options: Readonly<Record<string, string>>,
): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await client.get<Page<T>>(`${path}${queryOf({ ...options, cursor })}`);
    items.push(...body.items);
    cursor = body.next;
  } while (cursor !== undefined);
  return items;
}
