import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { Question } from './bundle.js';

type Context = Question['context'];
type Value = Context[string];

/** The parts of a value that can be looked at; `whole`: it is used as one value somewhere. */
export interface Reach {
  whole: boolean;
  readonly parts: Map<string, Reach>;
}

/**
 * What policies can look at. Handing Cedar an attribute costs it some 3 us, read or not, and Cedar can reach one only by a
 * name that the policy spells out; so what is never spelled out need not be handed over.
 */
export interface Mentions {
  readonly context: Reach;
  /** Names of attributes of each; every name spelled out anywhere once an entity is used as a value. */
  readonly principal: ReadonlySet<string>;
  readonly resource: ReadonlySet<string>;
}

export function mentionsOf(policies: readonly PolicyJson[]): Mentions {
  const names = new Set<string>();
  const reached: Record<Variable, Reach> = { context: nowhere(), principal: nowhere(), resource: nowhere() };
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const variable = variableOf(node);
    if (variable !== undefined) reached[variable].whole = true;
    // A literal may be the principal or the resource of a question.
    if ('__entity' in node) reached.principal.whole = reached.resource.whole = true;
    for (const [operator, operand] of Object.entries(node)) {
      // The names in a record are the author's own: one with `left` and `attr` is not an access.
      if (operator === 'Record') Object.values(operand ?? {}).forEach(visit);
      else if (!isAccess(operand)) visit(operand);
      else access(operator, operand);
    }
  };
  const access = (operator: string, operand: Access): void => {
    const { base, path } = pathOf(operand);
    for (const name of path) names.add(name);
    const variable = variableOf(base);
    if (variable === undefined) visit(base);
    else mark(reached[variable], path, operator !== 'has');
  };
  for (const { conditions } of policies) visit(conditions);
  const attributesOf = ({ whole, parts }: Reach) => (whole ? names : new Set(parts.keys()));
  return {
    context: reached.context,
    principal: attributesOf(reached.principal),
    resource: attributesOf(reached.resource),
  };
}

/** The same question without what no policy can look at: its answer is the same. */
export function narrowed({ action, principal, resource, context }: Question, mentions: Mentions): Question {
  return {
    action,
    principal: { ...principal, attrs: pick(principal.attrs, mentions.principal) },
    resource: { ...resource, attrs: pick(resource.attrs, mentions.resource) },
    context: mentions.context.whole ? context : partsOf(context, mentions.context),
  };
}

function pick(record: Record<string, Value>, names: ReadonlySet<string>): Record<string, Value> {
  const picked: Record<string, Value> = {};
  for (const name of names) {
    const value = Object.hasOwn(record, name) ? record[name] : undefined;
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

function reachable(value: Value, { whole, parts }: Reach): Value {
  if (whole) return value;
  return isRecord(value) ? partsOf(value, { parts }) : value;
}

/** Not a value of one of Cedar's own types. */
const isRecord = (value: Value): value is Context =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('__extn' in value);

function partsOf(record: Context, { parts }: Pick<Reach, 'parts'>): Context {
  const reached: Record<string, Value> = {};
  for (const [name, reach] of parts) {
    const value = Object.hasOwn(record, name) ? record[name] : undefined;
    if (value !== undefined) reached[name] = reachable(value, reach);
  }
  return reached;
}

type Variable = 'context' | 'principal' | 'resource';

function variableOf(node: object): Variable | undefined {
  const name = 'Var' in node ? node.Var : undefined;
  return name === 'context' || name === 'principal' || name === 'resource' ? name : undefined;
}

/** The operand of `.` and of `has`. */
interface Access {
  readonly left: object;
  readonly attr: string | readonly string[];
}

const isAccess = (node: unknown): node is Access =>
  typeof node === 'object' && node !== null && 'left' in node && 'attr' in node;

/** `context.a.b` as the names after its base. */
function pathOf({ left, attr }: Access): { base: object; path: readonly string[] } {
  const [inner] = '.' in left ? [left['.']] : [];
  if (!isAccess(inner)) return { base: left, path: [attr].flat() };
  const { base, path } = pathOf(inner);
  return { base, path: [...path, ...[attr].flat()] };
}

function mark(reach: Reach, path: readonly string[], whole: boolean): void {
  let at = reach;
  for (const name of path) {
    const part = at.parts.get(name) ?? nowhere();
    at.parts.set(name, part);
    at = part;
  }
  if (whole) at.whole = true;
}

const nowhere = (): Reach => ({ whole: false, parts: new Map() });
