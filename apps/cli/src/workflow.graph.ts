import { fieldOf } from '@interlock/contracts';
import { buildGraph, stepKinds, type WorkflowDocument } from '@interlock/language';

export interface GraphNode {
  readonly id: string;
  readonly kind: string;
  /** The tool, the table, the signal, ... */
  readonly does: string;
  readonly needs: readonly string[];
  readonly when?: string;
  readonly fallback?: string;
}

type Step = WorkflowDocument['steps'][string];

/** The steps of a document in an order in which they may run, and the cycles of those that have no such order. */
export function graphOf({ steps }: WorkflowDocument): {
  nodes: GraphNode[];
  cycles: readonly (readonly string[])[];
} {
  const nodes = new Map(Object.entries(steps).map(([id, step]) => [id, nodeOf(id, step)]));
  const { order, cycles } = buildGraph([...nodes.values()]);
  return { nodes: order.flatMap((id) => nodes.get(id) ?? []), cycles };
}

function nodeOf(id: string, step: Step): GraphNode {
  const kind = stepKinds.find((one) => one in step) ?? 'step';
  const { onFailure, when, needs = [] } = step;
  const fallback = typeof onFailure === 'object' && 'fallback' in onFailure ? onFailure.fallback : undefined;
  return {
    id,
    kind,
    does: doesOf(fieldOf(step, kind)),
    needs,
    ...(when === undefined ? {} : { when }),
    ...(fallback === undefined ? {} : { fallback }),
  };
}

function doesOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const says = ['table', 'signal', 'question', 'name', 'goal', 'items', 'for', 'until'];
  return says.map((field) => fieldOf(value, field)).find((text) => typeof text === 'string') ?? '';
}

/** A tree: each step hangs below the last step it waits for; `also after` names the others. */
export function graphText(nodes: readonly GraphNode[]): string[] {
  const parents = parentsOf(nodes);
  const below = (id: string | undefined) => nodes.filter((node) => parents.get(node.id) === id);
  const lines: string[] = [];
  const put = (node: GraphNode, head: string, indent: string) => {
    lines.push(`${head}${labelOf(node, parents.get(node.id))}`);
    const children = below(node.id);
    for (const [at, child] of children.entries()) {
      const isLast = at === children.length - 1;
      put(child, `${indent}${isLast ? '└─ ' : '├─ '}`, `${indent}${isLast ? '   ' : '│  '}`);
    }
  };
  for (const root of below(undefined)) put(root, '', '');
  return lines;
}

/** Of all steps that a step comes after, the one that is reached last. A fallback comes after the step that it replaces. */
function parentsOf(nodes: readonly GraphNode[]): Map<string, string | undefined> {
  const depth = new Map<string, number>();
  const parents = new Map<string, string | undefined>();
  for (const { id, needs } of nodes) {
    const before = [...needs, ...nodes.filter(({ fallback }) => fallback === id).map((node) => node.id)];
    const last = before
      .filter((need) => depth.has(need))
      .reduce<string | undefined>(
        (deepest, need) =>
          deepest === undefined || (depth.get(need) ?? 0) >= (depth.get(deepest) ?? 0) ? need : deepest,
        undefined,
      );
    parents.set(id, last);
    depth.set(id, last === undefined ? 0 : (depth.get(last) ?? 0) + 1);
  }
  return parents;
}

function labelOf({ id, kind, does, needs, when, fallback }: GraphNode, parent: string | undefined): string {
  const others = needs.filter((need) => need !== parent);
  return [
    `${id}  ${kind === 'decide' ? 'by table' : kind} ${does}`.trimEnd(),
    ...(others.length === 0 ? [] : [`also after ${others.join(', ')}`]),
    ...(when === undefined ? [] : [`if ${when}`]),
    ...(fallback === undefined ? [] : [`else ${fallback}`]),
  ].join('   ');
}

/** The same for Graphviz. */
export function graphDot(name: string, nodes: readonly GraphNode[]): string[] {
  const edges = nodes.flatMap(({ id, needs, fallback }) => [
    ...needs.map((need) => `  ${quoted(need)} -> ${quoted(id)};`),
    ...(fallback === undefined
      ? []
      : [`  ${quoted(id)} -> ${quoted(fallback)} [style=dashed, label="fallback"];`]),
  ]);
  const boxes = nodes.map(({ id, kind, does, when }) => {
    const label = [id, `${kind} ${does}`.trim(), ...(when === undefined ? [] : [`if ${when}`])].join('\n');
    return `  ${quoted(id)} [label=${quoted(label)}];`;
  });
  return [`digraph ${quoted(name)} {`, '  node [shape=box];', ...boxes, ...edges, '}'];
}

const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
