declare const indexed: unique symbol;

/**
 * A persistent list in plain JSON: `set` copies one path of nodes, so an old version stays valid and unchanged nodes
 * keep their identity. Reading and writing cost the same however long it is, up to the logarithm to base 16.
 */
export interface Tree<T, Of extends number = number> {
  /** In the type alone: which indices count in it. */
  readonly [indexed]?: Of;
  readonly size: number;
  /** Levels of nodes above the items. */
  readonly depth: number;
  readonly root: TreeNode<T>;
}

/** At level 1 its children are items, above they are nodes; null where nothing was ever set. */
export type TreeNode<T> = readonly (T | TreeNode<T> | null)[];

const BITS = 4;
const WIDTH = 1 << BITS;

/** `size` places, all of them empty. */
export function emptyTree<T, Of extends number = number>(size = 0): Tree<T, Of> {
  let depth = 1;
  while (WIDTH ** depth < size) depth += 1;
  return { size, depth, root: [] };
}

export function getItem<T, Of extends number>(tree: Tree<T, Of>, index: Of): T | undefined {
  if (index >= tree.size) return undefined;
  let node: TreeNode<T> = tree.root;
  for (let level = tree.depth - 1; level > 0; level -= 1) {
    const child = node[(index >> (level * BITS)) & (WIDTH - 1)];
    if (child === null || child === undefined) return undefined;
    node = child as TreeNode<T>;
  }
  return (node[index & (WIDTH - 1)] as T | null | undefined) ?? undefined;
}

/** The item at an index that this list has given out. @throws it is not such an index: the fold is broken */
export function itemAt<T, Of extends number>(tree: Tree<T, Of>, index: Of): T {
  const item = getItem(tree, index);
  if (item === undefined) throw new Error(`nothing stands at ${index} of ${tree.size}`);
  return item;
}

export function setItem<T, Of extends number>(tree: Tree<T, Of>, index: Of, item: T): Tree<T, Of> {
  return { size: tree.size, depth: tree.depth, root: place(tree.root, tree.depth - 1, index, item) };
}

/** The index that the next item will have. */
export const nextIndex = <T, Of extends number>({ size }: Tree<T, Of>): Of => size as Of;

/** The index at a position; undefined: there is none. */
export const indexIn = <T, Of extends number>({ size }: Tree<T, Of>, position: number): Of | undefined =>
  position >= 0 && position < size ? (position as Of) : undefined;

/** Every index, in order. */
export const indicesOf = <T, Of extends number>({ size }: Tree<T, Of>): Of[] =>
  [...Array(size).keys()] as Of[];

/** What stands in it, in order. Empty nodes cost nothing. */
export function itemsOf<T, Of extends number>({ root, depth }: Tree<T, Of>): T[] {
  const items: T[] = [];
  const collect = (node: TreeNode<T>, level: number): void => {
    for (const child of node) {
      if (child === null) continue;
      if (level === 0) items.push(child as T);
      else collect(child as TreeNode<T>, level - 1);
    }
  };
  collect(root, depth - 1);
  return items;
}

export function pushItem<T, Of extends number>(tree: Tree<T, Of>, item: T): Tree<T, Of> {
  const full = tree.size === WIDTH ** tree.depth;
  const depth = full ? tree.depth + 1 : tree.depth;
  const root = full ? [tree.root] : tree.root;
  return { size: tree.size + 1, depth, root: place(root, depth - 1, tree.size, item) };
}

function place<T>(node: TreeNode<T>, level: number, index: number, item: T): TreeNode<T> {
  const slot = (index >> (level * BITS)) & (WIDTH - 1);
  const copy = node.slice();
  while (copy.length < slot) copy.push(null);
  copy[slot] = level === 0 ? item : place((node[slot] ?? []) as TreeNode<T>, level - 1, index, item);
  return copy;
}

/** The same list with this many more places, all of them empty. */
export function growTree<T, Of extends number>(tree: Tree<T, Of>, by: number): Tree<T, Of> {
  const size = tree.size + by;
  let { depth, root } = tree;
  for (; WIDTH ** depth < size; depth += 1) root = root.length === 0 ? [] : [root];
  return { size, depth, root };
}

/** The same list with an empty place at the index. Nodes that hold nothing any more are gone. */
export function removeItem<T, Of extends number>(tree: Tree<T, Of>, index: Of): Tree<T, Of> {
  if (getItem(tree, index) === undefined) return tree;
  return { size: tree.size, depth: tree.depth, root: emptied(tree.root, tree.depth - 1, index) ?? [] };
}

/** null: nothing is left in it. */
function emptied<T>(node: TreeNode<T>, level: number, index: number): TreeNode<T> | null {
  const slot = (index >> (level * BITS)) & (WIDTH - 1);
  const copy = node.slice();
  copy[slot] = level === 0 ? null : emptied((node[slot] ?? []) as TreeNode<T>, level - 1, index);
  while (copy.length > 0 && copy.at(-1) === null) copy.pop();
  return copy.length === 0 ? null : copy;
}

/** The last index up to this one at which something stands. */
export function lastIndexUpTo<T, Of extends number>(tree: Tree<T, Of>, index: number): Of | undefined {
  const last = Math.min(index, tree.size - 1);
  const found = last < 0 ? undefined : lastIn(tree.root, tree.depth - 1, last);
  return found as Of | undefined;
}

function lastIn<T>(node: TreeNode<T>, level: number, last: number): number | undefined {
  const step = 1 << (level * BITS);
  for (let slot = Math.min(last >> (level * BITS), WIDTH - 1); slot >= 0; slot -= 1) {
    const child = node[slot];
    if (child === null || child === undefined) continue;
    const start = slot * step;
    if (level === 0) return start;
    const found = lastIn(child as TreeNode<T>, level - 1, Math.min(last - start, step - 1));
    if (found !== undefined) return start + found;
  }
  return undefined;
}
