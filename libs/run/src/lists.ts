import type { Index } from './indices.js';
import { itemAt, lastIndexUpTo, type Tree } from './tree.js';

export const dropped = <Of extends Index>(list: readonly Of[], item: Of): readonly Of[] =>
  list.includes(item) ? list.filter((other) => other !== item) : list;

export const added = <Of extends Index>(list: readonly Of[], item: Of): readonly Of[] =>
  list.includes(item) ? list : [...list, item];

/** A copy without some of its fields: absent, not undefined, so that a state read back from JSON is the same. */
export function without<T extends object, K extends keyof T>(value: T, ...fields: K[]): Omit<T, K> {
  const copy = { ...value };
  for (const field of fields) delete copy[field];
  return copy;
}

/** The index of the item whose event had this seq, in a list that holds them in the order of their events. */
export function findSeq<Of extends Index>(
  list: Tree<{ readonly seq: number }, Of>,
  seq: number,
): Of | undefined {
  let low = 0;
  let high = list.size - 1;
  // Usually the newest is asked for.
  const newest = lastIndexUpTo(list, high);
  if (newest !== undefined && itemAt(list, newest).seq === seq) return newest;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const index = lastIndexUpTo(list, middle);
    // Nothing stands from `low` to `middle`.
    if (index === undefined || index < low) low = middle + 1;
    else {
      const found = itemAt(list, index).seq;
      if (found === seq) return index;
      if (found < seq) low = middle + 1;
      else high = index - 1;
    }
  }
  return undefined;
}
