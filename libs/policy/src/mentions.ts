import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { Question } from './bundle.js';

/**
 * What the policies of a bundle can look at. Handing Cedar an attribute costs it some 3 us, read or not, and Cedar can
 * reach one only by a name that the policy spells out; so what is never spelled out need not be handed over.
 */
export interface Mentions {
  readonly names: ReadonlySet<string>;
  /** The context is used as one value somewhere, so every part of it counts. */
  readonly wholeContext: boolean;
}

export function mentionsOf(policies: readonly PolicyJson[]): Mentions {
  const names = new Set<string>();
  let wholeContext = false;
  const open: unknown[] = policies.map(({ conditions }) => conditions);
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    if (isContext(node)) wholeContext = true;
    else if (isAccess(node)) {
      for (const name of [node.attr].flat()) names.add(name);
      if (!isContext(node.left)) open.push(node.left);
    } else open.push(...Object.values(node));
  }
  return { names, wholeContext };
}

/** The same question without what no policy of the bundle can look at: its answer is the same. */
export function narrowed(question: Question, { names, wholeContext }: Mentions): Question {
  const { principal, resource, context } = question;
  return {
    action: question.action,
    principal: { ...principal, attrs: pick(principal.attrs, names) },
    resource: { ...resource, attrs: pick(resource.attrs, names) },
    context: wholeContext ? context : pick(context, names),
  };
}

function pick<Value>(record: Record<string, Value>, names: ReadonlySet<string>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => names.has(name)));
}

const isContext = (node: unknown): boolean =>
  typeof node === 'object' && node !== null && 'Var' in node && node.Var === 'context';

/** The operand of `.` and of `has`. */
const isAccess = (node: object): node is { left: unknown; attr: string | string[] } =>
  'left' in node && 'attr' in node;
