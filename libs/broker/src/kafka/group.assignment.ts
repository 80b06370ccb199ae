/*
 * Who gets which partition. Pure: the group's leader computes it for all.
 *
 * A1  Every partition has one target, and no member's share is more than one larger than another's.
 * A2  A member keeps what it holds as long as A1 allows.
 * A3  A partition that moves is given to nobody in the round in which its holder is told; the holder lets go, joins
 *     again, and the next round hands it over. So a partition that stays is never taken away, not even for a moment.
 */

export interface MemberState {
  readonly memberId: string;
  /** Partitions it works on, and the group's generation in which it was last given them. */
  readonly holds: readonly number[];
  readonly generation: number;
}

export type Assignment = ReadonlyMap<string, readonly number[]>;

export function assign(members: readonly MemberState[], partitions: number): Assignment {
  const held = holders(members, partitions);
  const target = balance(members, held, partitions);
  const given = new Map<string, number[]>(members.map(({ memberId }) => [memberId, []]));
  for (const [partition, memberId] of target) {
    const holder = held.get(partition);
    if (holder === undefined || holder === memberId) given.get(memberId)?.push(partition); // A3
  }
  for (const list of given.values()) list.sort((a, b) => a - b);
  return given;
}

/** Two members may name the same partition when one was away: the one that was given it last holds it. */
function holders(members: readonly MemberState[], partitions: number): Map<number, string> {
  const held = new Map<number, string>();
  const oldestFirst = [...members].sort(
    (a, b) => a.generation - b.generation || compare(b.memberId, a.memberId),
  );
  for (const { memberId, holds } of oldestFirst) {
    for (const partition of holds) if (partition < partitions) held.set(partition, memberId);
  }
  return held;
}

function balance(members: readonly MemberState[], held: ReadonlyMap<number, string>, partitions: number) {
  const keeps = new Map<string, number[]>(members.map(({ memberId }) => [memberId, []]));
  for (const [partition, memberId] of [...held].sort(([a], [b]) => a - b))
    keeps.get(memberId)?.push(partition);
  // The larger shares go to those who hold most already (A2).
  const order = [...keeps].sort(([a, mine], [b, theirs]) => theirs.length - mine.length || compare(a, b));
  const share = Math.floor(partitions / members.length);
  const target = new Map<number, string>();
  const room: string[] = [];
  order.forEach(([memberId, kept], rank) => {
    const size = share + (rank < partitions % members.length ? 1 : 0);
    for (const partition of kept.slice(0, size)) target.set(partition, memberId);
    for (let free = size - kept.length; free > 0; free--) room.push(memberId);
  });
  for (let partition = 0; partition < partitions; partition++) {
    const next = target.has(partition) ? undefined : room.shift();
    if (next !== undefined) target.set(partition, next);
  }
  return target;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
