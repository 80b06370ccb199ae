import { fieldOf } from '@interlock/contracts';
import { buildGraph, stepKinds, type WorkflowDocument } from '@interlock/language';

export interface GraphNode {
  /** Path of the step without turns: `lines/charge`. */
  readonly id: string;
  readonly kind: string;
  /** The tool, the table, the signal, ... */
  readonly does: string;
  readonly needs: readonly string[];
  readonly when?: string;
  readonly fallback?: string;
  /** The steps that stand in it. */
  readonly bodies?: readonly GraphBody[];
}

interface GraphBody {
  /** Which branch, or how often it runs. */
  readonly runs: string;
  readonly nodes: readonly GraphNode[];
}

type Step = WorkflowDocument['steps'][string];

/** The steps of a document in an order in which they may run, and the cycles of those that have no such order. */
export function graphOf(
  { steps }: Pick<WorkflowDocument, 'steps'>,
  within = '',
): { nodes: GraphNode[]; cycles: readonly (readonly string[])[] } {
  const inner: (readonly string[])[] = [];
  const nodes = new Map(
    Object.entries(steps).map(([id, step]) => {
      const bodies = bodiesOf(step).map(({ runs, ...body }) => {
        const { nodes: found, cycles } = graphOf(body, `${within}${id}/`);
        inner.push(...cycles);
        return { runs, nodes: found };
      });
      const node = nodeOf(id, step, within);
      return [node.id, bodies.length === 0 ? node : { ...node, bodies }] as const;
    }),
  );
  const { order, cycles } = buildGraph([...nodes.values()]);
  return { nodes: order.flatMap((id) => nodes.get(id) ?? []), cycles: [...cycles, ...inner] };
}

interface WrittenBody extends Pick<WorkflowDocument, 'steps'> {
  readonly runs: string;
}

function bodiesOf(step: Step): WrittenBody[] {
  if ('forEach' in step) return bodyIn(step, `each ${step.forEach.as ?? 'item'}`);
  if ('repeat' in step) return bodyIn(step, `until ${step.repeat.until}`);
  if (!('switch' in step)) return [];
  return step.switch.flatMap((branch) =>
    bodyIn(branch, 'when' in branch ? `if ${branch.when}` : 'otherwise'),
  );
}

const bodyIn = ({ steps }: { readonly steps: unknown }, runs: string): WrittenBody[] => [
  // Documents that were read hold steps of the kinds that there are, also in bodies.
  { runs, steps: steps as WorkflowDocument['steps'] },
];

function nodeOf(id: string, step: Step, within: string): GraphNode {
  const kind = stepKinds.find((one) => one in step) ?? 'step';
  const { onFailure, when, needs = [] } = step;
  const fallback = typeof onFailure === 'object' && 'fallback' in onFailure ? onFailure.fallback : undefined;
  return {
    id: `${within}${id}`,
    kind,
    does: doesOf(fieldOf(step, kind)),
    needs: needs.map((need) => `${within}${need}`),
    ...(when === undefined ? {} : { when }),
    ...(fallback === undefined ? {} : { fallback: `${within}${fallback}` }),
  };
}

function doesOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const says = ['table', 'signal', 'question', 'name', 'goal', 'in', 'for', 'until'];
  return says.map((field) => fieldOf(value, field)).find((text) => typeof text === 'string') ?? '';
}

/**
 * A tree: each step hangs below the last step it waits for; `also after` names the others. What stands in a step hangs below it, under a line
 * that says when it runs.
 */
export const graphText = (nodes: readonly GraphNode[]): string[] =>
  treesOf(nodes).flatMap((tree) => linesOf(tree));

interface Tree {
  readonly label: string;
  readonly below: readonly Tree[];
}

function treesOf(nodes: readonly GraphNode[]): Tree[] {
  const parents = parentsOf(nodes);
  const behind = (id: string | undefined): Tree[] =>
    nodes
      .filter((node) => parents.get(node.id) === id)
      .map((node) => ({
        label: labelOf(node, parents.get(node.id)),
        below: [
          ...(node.bodies ?? []).map(({ runs, nodes: inner }) => ({
            label: `${runs}:`,
            below: treesOf(inner),
          })),
          ...behind(node.id),
        ],
      }));
  return behind(undefined);
}

const linesOf = ({ label, below }: Tree, head = '', indent = ''): string[] => [
  `${head}${label}`,
  ...below.flatMap((tree, at) => {
    const isLast = at === below.length - 1;
    return linesOf(tree, `${indent}${isLast ? '└─ ' : '├─ '}`, `${indent}${isLast ? '   ' : '│  '}`);
  }),
];

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
export const graphDot = (name: string, nodes: readonly GraphNode[]): string[] => [
  `digraph ${quoted(name)} {`,
  '  node [shape=box];',
  ...dotLines(nodes),
  '}',
];

function dotLines(nodes: readonly GraphNode[]): string[] {
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
  const clusters = nodes.flatMap(({ id, bodies = [] }) =>
    bodies.flatMap(({ runs, nodes: inner }, at) => {
      const [first] = inner;
      const entry = first === undefined ? [] : [`  ${quoted(id)} -> ${quoted(first.id)} [style=dotted];`];
      const cluster = `  subgraph ${quoted(`cluster ${id} ${at}`)} {`;
      return [cluster, `  label=${quoted(runs)};`, ...dotLines(inner), '  }', ...entry];
    }),
  );
  return [...boxes, ...edges, ...clusters];
}

const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
