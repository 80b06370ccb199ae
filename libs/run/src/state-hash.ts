import { hashOf, sha256 } from '@interlock/contracts';
import type { Origin } from './life/state.js';
import { type RunState, STATE_VERSION } from './state.js';
import type { Tree, TreeNode } from './tree.js';

/** Hashes of parts that never change, by identity: only what an event has replaced is hashed again. */
const known = new WeakMap<object, string>();

/** One hash over the hashes of the parts: origin, each step, call, request, approval and write, and the rest. */
export function stateHash(state: RunState): string {
  const { origin, steps, calls, requests, approvals, writes, ...rest } = state;
  const trees = [steps, calls, requests, approvals, writes].map((tree) => treeHash<object>(tree));
  const parts = [STATE_VERSION, originHash(origin), ...trees, hashOf(rest)];
  return sha256(parts.join('\n'));
}

/** The compiled workflow stands in it by its own hash. */
function originHash(origin: Origin): string {
  const { compiled, ...rest } = origin;
  return remembered(origin, () => hashOf({ ...rest, compiled: compiled.hash }));
}

const treeHash = <T extends object>({ root, depth, size }: Tree<T>): string =>
  `${size}:${nodeHash(root, depth - 1)}`;

function nodeHash<T extends object>(node: TreeNode<T>, level: number): string {
  return remembered(node, () => {
    const parts = node.map((child) => {
      if (child === null) return '';
      return level === 0 ? partHash(child as T) : nodeHash(child as TreeNode<T>, level - 1);
    });
    return sha256(parts.join('\n'));
  });
}

const partHash = (part: object): string => remembered(part, () => hashOf(withTreeHashes(part)));

/** A long list in what a step keeps stands in its hash by its own, so that one more item does not cost as much as all of them. */
function withTreeHashes(part: object): object {
  if (!('work' in part) || typeof part.work !== 'object' || part.work === null) return part;
  const kept = Object.entries(part.work).map(([name, value]) => [
    name,
    isTree(value) ? treeHash(value) : value,
  ]);
  return { ...part, work: Object.fromEntries(kept) };
}

const isTree = (value: unknown): value is Tree<object> =>
  typeof value === 'object' && value !== null && 'root' in value && 'depth' in value && 'size' in value;

function remembered(part: object, compute: () => string): string {
  let hash = known.get(part);
  if (hash === undefined) {
    hash = compute();
    known.set(part, hash);
  }
  return hash;
}
