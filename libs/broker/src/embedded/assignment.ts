/**
 * Divides partitions 0 to `partitions` - 1 as evenly as they go, moving as few as possible.
 *
 * @param held what each member holds now
 * @returns what each member shall hold, in the same order
 */
export function divide(partitions: number, held: readonly ReadonlySet<number>[]): Set<number>[] {
  const quotas = quotasOf(partitions, held);
  const kept = held.map((mine, at) => new Set([...mine].sort((a, b) => a - b).slice(0, quotas[at])));
  const taken = new Set(kept.flatMap((mine) => [...mine]));
  const free = Array.from({ length: partitions }, (_, at) => at).filter((at) => !taken.has(at));
  kept.forEach((mine, at) => {
    for (const partition of free.splice(0, quotas[at]! - mine.size)) mine.add(partition);
  });
  return kept;
}

/** One more than the others for as many as the remainder, first for those that hold most. */
function quotasOf(partitions: number, held: readonly ReadonlySet<number>[]): number[] {
  const least = Math.floor(partitions / held.length);
  const quotas = held.map(() => least);
  const byHolding = held.map((_, at) => at).sort((a, b) => held[b]!.size - held[a]!.size);
  for (const at of byHolding.slice(0, partitions % held.length)) quotas[at] = least + 1;
  return quotas;
}
