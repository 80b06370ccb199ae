/**
 * Divides partitions 0 to `partitions` - 1 as evenly as they go, moving as few as possible.
 *
 * @param held what each member holds now
 * @returns what each member shall hold, in the same order
 */
export function divide(partitions: number, held: readonly ReadonlySet<number>[]): Set<number>[] {
  const quotaOf = quotas(partitions, held);
  const members = held.map((mine) => {
    const quota = quotaOf(mine);
    return { quota, kept: new Set([...mine].sort((a, b) => a - b).slice(0, quota)) };
  });
  const taken = new Set(members.flatMap(({ kept }) => [...kept]));
  const free = Array.from({ length: partitions }, (_, at) => at).filter((at) => !taken.has(at));
  for (const { quota, kept } of members)
    for (const partition of free.splice(0, quota - kept.size)) kept.add(partition);
  return members.map(({ kept }) => kept);
}

/** One more than the others for as many as the remainder, first for those that hold most. */
function quotas(partitions: number, held: readonly ReadonlySet<number>[]) {
  const least = Math.floor(partitions / held.length);
  const byHolding = [...held].sort((a, b) => b.size - a.size);
  const more = new Set(byHolding.slice(0, partitions % held.length));
  return (mine: ReadonlySet<number>): number => (more.has(mine) ? least + 1 : least);
}
