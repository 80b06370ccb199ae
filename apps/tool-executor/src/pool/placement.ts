/** What a child has to do, as placement looks at it. */
export interface ChildLoad {
  readonly isReady: boolean;
  /** Takes no new call: its loop does not answer, or it is on its way out. */
  readonly isClosed: boolean;
  /** The one tool that it is reserved for, with the number of its calls. */
  readonly reserved:
    | {
        readonly tool: string;
        readonly isSuspect: boolean;
        readonly isSingle: boolean;
        readonly calls: number;
      }
    | undefined;
  /** Calls that share it with those of other tools, by their tool. */
  readonly shared: ReadonlyMap<string, number>;
}

/**
 * Whom a call may share its child with.
 *
 *   any     calls of every tool
 *   tool    calls of its own tool: a write without a key, because at its deadline its child is killed with all that is in it
 *   nobody  of a tool that has ended a child, held one up, or run beyond a deadline
 */
export type Company = 'any' | 'tool' | 'nobody';

/** A call that wants a place. */
export interface Wanted {
  readonly tool: string;
  readonly company: Company;
  /** Its tool has ended a child or held one up. */
  readonly isSuspect: boolean;
}

export type Placement =
  /** `andStart`: there should be another child for what comes next. */
  | { readonly kind: 'child'; readonly at: number; readonly andStart?: true }
  | { readonly kind: 'start' | 'wait' };

export interface Pool {
  /** Children at most. */
  readonly size: number;
  /** The first in each queue of calls that need a child of their tool's own. */
  readonly waiting: readonly Wanted[];
}

/** Calls of different tools that share a child, at most. */
export const SHARED_MAX = 256;
/** This many calls go into one child before the next child is used. */
const SPREAD_FROM = 32;
/** Writes without a key in one child, at most: when one has to be killed, all of them are in doubt. */
export const RESERVED_MAX = 16;
const RESERVED_SPREAD_FROM = 4;

/**
 * Where a call goes. What keeps one tool's hang from being everybody's:
 *
 *   P1  Calls that share with every tool never take the last child, nor do those of one tool alone: one is left for the other kind.
 *   P2  One tool is in no more than all but two children, and one under suspicion in one.
 *   P3  All tools under suspicion together have at most half of the children.
 *   P4  A call joins its tool's child only while no other tool waits for one, so that each gets its turn.
 */
export function placeFor(wanted: Wanted, children: readonly ChildLoad[], pool: Pool): Placement {
  return wanted.company === 'any'
    ? sharedPlace(wanted, children, pool.size)
    : reservedPlace(wanted, children, pool);
}

function reservedPlace(wanted: Wanted, children: readonly ChildLoad[], { size, waiting }: Pool): Placement {
  const others = new Set(
    waiting
      .filter((one) => one.tool !== wanted.tool && mayReserve(one, children, size))
      .map(({ tool }) => tool),
  );
  const joined = others.size === 0 ? joinedBy(wanted, children) : undefined;
  if (joined !== undefined && joined.calls < RESERVED_SPREAD_FROM) return { kind: 'child', at: joined.at };
  const own = ownPlace(wanted, children, size, others.size + 1);
  if (own.kind === 'child' || joined === undefined) return own;
  return { kind: 'child', at: joined.at, ...(own.kind === 'start' && { andStart: true }) };
}

/** The child of its tool with the fewest calls, if it has one that takes more. */
function joinedBy({ tool, company }: Wanted, children: readonly ChildLoad[]) {
  if (company === 'nobody') return undefined;
  const usable = children.flatMap(({ isReady, isClosed, reserved }, at) =>
    isReady && !isClosed && reserved?.tool === tool && !reserved.isSingle && reserved.calls < RESERVED_MAX
      ? [{ at, calls: reserved.calls }]
      : [],
  );
  return most(usable.map((one) => ({ ...one, rank: -one.calls })));
}

/** An empty child. */
function ownPlace(
  wanted: Wanted,
  children: readonly ChildLoad[],
  size: number,
  startingMax: number,
): Placement {
  const taken = children.filter(({ reserved }) => reserved !== undefined);
  if (taken.length >= size - 1 || !mayReserve(wanted, children, size)) return { kind: 'wait' };
  const idle = children.findIndex((child) => isOpen(child) && sharedBy(child) === 0);
  return idle >= 0 ? { kind: 'child', at: idle } : startOrWait(children, size, startingMax);
}

/** P2 and P3 let its tool have another child. */
function mayReserve({ tool, isSuspect }: Wanted, children: readonly ChildLoad[], size: number): boolean {
  const taken = children.flatMap(({ reserved }) => reserved ?? []);
  const ofTool = taken.filter((one) => one.tool === tool);
  if (ofTool.length >= (isSuspect ? 1 : toolMax(size))) return false;
  return !isSuspect || taken.filter((one) => one.isSuspect).length < Math.floor(size / 2);
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
  const packed = most(
    allowed.filter(({ calls }) => calls < SPREAD_FROM).map((one) => ({ ...one, rank: one.calls })),
  );
  if (packed !== undefined) return { kind: 'child', at: packed.at };
  const mayStart = inUse.length < Math.max(1, size - 1) && mineIn < toolMax(size);
  const start = mayStart ? startOrWait(children, size) : ({ kind: 'wait' } as const);
  const least = most(allowed.map((one) => ({ ...one, rank: -one.calls })));
  if (least === undefined) return start;
  return { kind: 'child', at: least.at, ...(start.kind === 'start' && { andStart: true }) };
}

/** P2 */
const toolMax = (size: number): number => Math.max(1, size - 2);

const isOpen = ({ isReady, isClosed, reserved }: ChildLoad): boolean =>
  isReady && !isClosed && reserved === undefined;

function sharedBy({ shared }: ChildLoad): number {
  let calls = 0;
  for (const count of shared.values()) calls += count;
  return calls;
}

const most = <One extends { rank: number }>(all: readonly One[]): One | undefined =>
  all.reduce<One | undefined>(
    (best, one) => (best === undefined || one.rank > best.rank ? one : best),
    undefined,
  );

/** Starts no more children than are useful: one child takes every call that shares. */
function startOrWait(children: readonly ChildLoad[], size: number, startingMax = 1): Placement {
  const starting = children.filter(({ isReady, isClosed }) => !isReady && !isClosed);
  return { kind: children.length < size && starting.length < startingMax ? 'start' : 'wait' };
}
