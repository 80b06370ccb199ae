import type { Flow, FlowStep } from './flow.js';

const known = new WeakMap<Flow, Map<string, ReadonlySet<string>>>();

/** Steps that can only run once `id` has ended: by their needs, or because every step they stand in for does. */
export function stepsAfter(flow: Flow, id: string): ReadonlySet<string> {
  let ofFlow = known.get(flow);
  if (ofFlow === undefined) {
    ofFlow = new Map();
    known.set(flow, ofFlow);
  }
  let found = ofFlow.get(id);
  if (found === undefined) {
    found = find(flow, id);
    ofFlow.set(id, found);
  }
  return found;
}

function find(flow: Flow, id: string): ReadonlySet<string> {
  const after = new Set<string>();
  const isBehind = (other: string): boolean => other === id || after.has(other);
  const comesAfter = ({ needs, standsInFor, within }: FlowStep): boolean =>
    needs.some(isBehind) ||
    (standsInFor.length > 0 && standsInFor.every(isBehind)) ||
    (within !== undefined && after.has(within));
  for (const step of flow.steps.values()) if (comesAfter(step)) after.add(step.id);
  return after;
}
