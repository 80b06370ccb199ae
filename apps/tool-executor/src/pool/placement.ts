/** What a child has to do, as placement looks at it. */
export interface ChildLoad {
  readonly isReady: boolean;
  /** Takes no new call: its loop does not answer, or it is on its way out. */
  readonly isClosed: boolean;
  /** One call that must be alone. */
  readonly alone: { readonly tool: string; readonly isSuspect: boolean } | undefined;
  /** Calls that share it, by their tool. */
  readonly shared: ReadonlyMap<string, number>;
}

/** A call that wants a place. */
export interface Wanted {
  readonly tool: string;
  /**
   * It shares its child with no other call: a write without a key, because at its deadline its child is killed, and a call of a tool that has
   * ended a child or held one up.
   */
  readonly isAlone: boolean;
  readonly isSuspect: boolean;
}

export type Placement =
  /** `andStart`: there should be another child for what comes next. */
  | { readonly kind: 'child'; readonly at: number; readonly andStart?: true }
  | { readonly kind: 'start' | 'wait' };

/** Calls that share a child, at most. */
export const SHARED_MAX = 256;
/** As many go into one child before another is taken. */
const SPREAD_FROM = 32;

/**
 * Where a call goes. What keeps one tool's hang from being everybody's:
 *
 *   P1  Calls that share never take the last child, nor do those that must be alone: one is left for the other kind.
 *   P2  One tool is in no more than all but two children, and one under suspicion in one.
 *   P3  All tools under suspicion together have at most half of the children.
 */
export function placeFor(
  wanted: Wanted,
  children: readonly ChildLoad[],
  { size, waitingAlone }: { readonly size: number; readonly waitingAlone: number },
): Placement {
  return wanted.isAlone
    ? alonePlace(wanted, children, size, Math.max(1, waitingAlone))
    : sharedPlace(wanted, children, size);
}

function alonePlace(
  wanted: Wanted,
  children: readonly ChildLoad[],
  size: number,
  startingMax: number,
): Placement {
  const taken = children.flatMap(({ alone }) => alone ?? []);
  const ofTool = taken.filter(({ tool }) => tool === wanted.tool);
  const suspects = taken.filter(({ isSuspect }) => isSuspect);
  const isFull =
    taken.length >= size - 1 ||
    ofTool.length >= (wanted.isSuspect ? 1 : toolMax(size)) ||
    (wanted.isSuspect && suspects.length >= Math.floor(size / 2));
  if (isFull) return { kind: 'wait' };
  const idle = children.findIndex((child) => isOpen(child) && sharedBy(child) === 0);
  return idle >= 0 ? { kind: 'child', at: idle } : startOrWait(children, size, startingMax);
}

function sharedPlace({ tool }: Wanted, children: readonly ChildLoad[], size: number): Placement {
  const usable = children.flatMap((child, at) => {
    const calls = sharedBy(child);
    return isOpen(child) && calls < SHARED_MAX ? [{ at, calls, mine: child.shared.get(tool) ?? 0 }] : [];
  });
  const inUse = children.filter((child) => sharedBy(child) > 0);
  const mineIn = children.filter(({ shared }) => shared.has(tool)).length;
  const allowed = usable.filter(
    ({ calls, mine }) =>
      (mine > 0 || mineIn < toolMax(size)) && (calls > 0 || inUse.length < Math.max(1, size - 1)),
  );
  const packed = most(allowed.filter(({ calls }) => calls < SPREAD_FROM));
  if (packed !== undefined) return { kind: 'child', at: packed.at };
  const mayStart = inUse.length < Math.max(1, size - 1) && mineIn < toolMax(size);
  const start = mayStart ? startOrWait(children, size) : ({ kind: 'wait' } as const);
  const least = most(allowed.map((one) => ({ ...one, calls: -one.calls })));
  if (least === undefined) return start;
  return { kind: 'child', at: least.at, ...(start.kind === 'start' && { andStart: true }) };
}

/** P2 */
const toolMax = (size: number): number => Math.max(1, size - 2);

const isOpen = ({ isReady, isClosed, alone }: ChildLoad): boolean =>
  isReady && !isClosed && alone === undefined;

function sharedBy({ shared }: ChildLoad): number {
  let calls = 0;
  for (const count of shared.values()) calls += count;
  return calls;
}

const most = <One extends { calls: number }>(all: readonly One[]): One | undefined =>
  all.reduce<One | undefined>(
    (best, one) => (best === undefined || one.calls > best.calls ? one : best),
    undefined,
  );

/** No more start than can be made use of: one takes every call that shares. */
function startOrWait(children: readonly ChildLoad[], size: number, startingMax = 1): Placement {
  const starting = children.filter(({ isReady, isClosed }) => !isReady && !isClosed);
  return { kind: children.length < size && starting.length < startingMax ? 'start' : 'wait' };
}
