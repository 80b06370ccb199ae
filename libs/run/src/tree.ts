/**
 * A persistent list in plain JSON: `set` copies one path of nodes, so an old version stays valid and unchanged nodes
 * keep their identity. Reading and writing cost the same however long it is, up to the logarithm to base 16.
 */
export interface Tree<T> {
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
export function emptyTree<T>(size = 0): Tree<T> {
  let depth = 1;
  while (WIDTH ** depth < size) depth += 1;
  return { size, depth, root: [] };
}

export function getItem<T>(tree: Tree<T>, index: number): T | undefined {
  let node: TreeNode<T> = tree.root;
  for (let level = tree.depth - 1; level > 0; level -= 1) {
    const child = node[(index >> (level * BITS)) & (WIDTH - 1)];
    if (child === null || child === undefined) return undefined;
    node = child as TreeNode<T>;
  }
  return (node[index & (WIDTH - 1)] as T | null | undefined) ?? undefined;
}

export function setItem<T>(tree: Tree<T>, index: number, item: T): Tree<T> {
  return { size: tree.size, depth: tree.depth, root: place(tree.root, tree.depth - 1, index, item) };
}

export function pushItem<T>(tree: Tree<T>, item: T): Tree<T> {
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
