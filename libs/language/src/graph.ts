/** What the graph needs of a step. */
export interface GraphStep {
  readonly id: string;
  readonly needs: readonly string[];
  readonly fallback?: string;
}

/** The order in which steps can run and what each of them can rely on. Unknown ids are left out. */
export interface StepGraph {
  /** Topological; steps of equal standing keep the document's order. Incomplete when there are cycles. */
  readonly order: readonly string[];
  readonly cycles: readonly (readonly string[])[];
  /** Of a fallback: the steps it stands in for. */
  readonly standsInFor: ReadonlyMap<string, readonly string[]>;
  /** Steps that nothing ever starts. */
  readonly unreachable: ReadonlySet<string>;
  /** Steps that have ended, in one way or another, when this one starts. */
  visibleTo(id: string): ReadonlySet<string>;
}

export function buildGraph(steps: readonly GraphStep[]): StepGraph {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const standsInFor = new Map<string, string[]>();
  for (const { id, fallback } of steps) {
    if (fallback === undefined || fallback === id || !byId.has(fallback)) continue;
    standsInFor.set(fallback, [...(standsInFor.get(fallback) ?? []), id]);
  }
  const before = new Map(
    steps.map(({ id, needs }) => {
      const known = needs.filter((need) => need !== id && byId.has(need));
      return [id, [...new Set([...known, ...(standsInFor.get(id) ?? [])])]] as const;
    }),
  );
  const order = topologicalOrder(before);
  return {
    order,
    cycles: findCycles(before, new Set(order)),
    standsInFor,
    unreachable: findUnreachable(byId, standsInFor),
    visibleTo: visibility(byId, standsInFor),
  };
}

type Edges = ReadonlyMap<string, readonly string[]>;

function topologicalOrder(before: Edges): string[] {
  const after = new Map<string, string[]>();
  const open = new Map<string, number>();
  for (const [id, earlier] of before) {
    open.set(id, earlier.length);
    for (const other of earlier) after.set(other, [...(after.get(other) ?? []), id]);
  }
  const order = [...open].filter(([, count]) => count === 0).map(([id]) => id);
  for (const id of order) {
    for (const next of after.get(id) ?? []) {
      const left = (open.get(next) ?? 0) - 1;
      open.set(next, left);
      if (left === 0) order.push(next);
    }
  }
  return order;
}

/** Each step left over by the ordering either lies on a cycle or waits for one; every cycle is named once. */
function findCycles(before: Edges, ordered: ReadonlySet<string>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>(ordered);
  for (const start of before.keys()) {
    const path: string[] = [];
    let id: string | undefined = start;
    while (id !== undefined && !done.has(id) && !path.includes(id)) {
      path.push(id);
      id = before.get(id)?.find((other) => !ordered.has(other));
    }
    if (id !== undefined && path.includes(id)) cycles.push([...path.slice(path.indexOf(id)), id].reverse());
    for (const visited of path) done.add(visited);
  }
  return cycles;
}

function findUnreachable(byId: ReadonlyMap<string, GraphStep>, standsInFor: Edges): Set<string> {
  const reached = new Set<string>();
  const reach = (id: string): void => {
    const step = byId.get(id);
    if (step === undefined || reached.has(id)) return;
    reached.add(id);
    if (step.fallback !== undefined) reach(step.fallback);
  };
  for (const id of byId.keys()) if (!standsInFor.has(id)) reach(id);
  return new Set([...byId.keys()].filter((id) => !reached.has(id)));
}

/** All that a step needs, directly or not, their fallbacks, and for a fallback what every step it stands in for saw. */
function visibility(byId: ReadonlyMap<string, GraphStep>, standsInFor: Edges): StepGraph['visibleTo'] {
  const known = new Map<string, ReadonlySet<string>>();
  const visibleTo = (id: string): ReadonlySet<string> => {
    const found = known.get(id);
    if (found !== undefined) return found;
    // Set before it is complete: on a cycle, which is refused anyway, this ends the recursion.
    const visible = new Set<string>();
    known.set(id, visible);
    const addWithFallback = (other: string): void => {
      if (visible.has(other) || other === id || !byId.has(other)) return;
      visible.add(other);
      const fallback = byId.get(other)?.fallback;
      if (fallback !== undefined) addWithFallback(fallback);
      for (const earlier of visibleTo(other)) visible.add(earlier);
    };
    for (const need of byId.get(id)?.needs ?? []) addWithFallback(need);
    for (const shared of sharedBy(
      (standsInFor.get(id) ?? []).map((step) => new Set([step, ...visibleTo(step)])),
    )) {
      if (shared !== id) visible.add(shared);
    }
    return visible;
  };
  return visibleTo;
}

function sharedBy(sets: readonly ReadonlySet<string>[]): string[] {
  const [first, ...rest] = sets;
  return first === undefined ? [] : [...first].filter((id) => rest.every((set) => set.has(id)));
}
