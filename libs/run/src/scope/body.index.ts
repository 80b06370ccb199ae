import type { CompiledStep } from '@interlock/language';

/** A step of a body, or of one around it: `up` bodies outwards, at this position there. */
export interface NamedStep {
  readonly up: number;
  readonly position: number;
}

/** A step as it stands in a body, whichever turn of it. Others are named by their positions in the body. */
export interface StaticStep {
  readonly definition: CompiledStep;
  readonly needs: readonly number[];
  readonly dependents: readonly number[];
  readonly fallback: number | undefined;
  readonly standsInFor: readonly number[];
  readonly named: readonly NamedStep[];
  /** Whether its expressions may read the input of the run. */
  readonly readsInput: boolean;
  /** Numbers of its own bodies. */
  readonly bodies: number[];
}

/** The steps of a body, or of the workflow itself. */
export interface BodyIndex {
  readonly steps: readonly StaticStep[];
  readonly positionOf: ReadonlyMap<string, number>;
  /** Steps without needs, which start when a turn does. */
  readonly first: readonly number[];
  /** Template of what a turn gives. Absent: the output of every step by its id. */
  readonly output?: unknown;
  /** Steps that what is decided at the end of a turn may name. */
  readonly namedAtEnd: readonly NamedStep[];
  /** Whether that may read the input of the run. */
  readonly readsInputAtEnd: boolean;
  /** Steps whose ids stand as words in a part: more than its expressions use, never less. */
  namedIn(part: unknown): NamedStep[];
}

/**
 * @param around the bodies around it, from the innermost outwards
 * @param output template of what a turn gives
 * @param until what else is decided at the end of a turn
 * @param expressions the parts of a step whose expressions may name others
 */
export function buildBody(
  steps: readonly CompiledStep[],
  around: readonly BodyIndex[],
  output: unknown,
  until: unknown,
  expressions: (step: CompiledStep) => unknown,
): BodyIndex {
  const positionOf = new Map(steps.map(({ id }, position) => [id, position]));
  const positionsOf = (ids: readonly string[]) => ids.flatMap((id) => positionOf.get(id) ?? []);
  const dependents = byNamed(steps, ({ needs }) => [...new Set(needs)]);
  const replaced = byNamed(steps, ({ onFailure }) => (onFailure?.do === 'fallback' ? [onFailure.step] : []));
  const namedIn = (part: unknown) => namedBy(part, [positionOf, ...around.map((body) => body.positionOf)]);
  return {
    positionOf,
    namedIn,
    ...(output === undefined ? {} : { output }),
    namedAtEnd: namedIn([output, until]),
    readsInputAtEnd: readsInput([output, until]),
    first: positionsOf(
      steps
        .filter(({ needs, fallbackOnly }) => needs.length === 0 && fallbackOnly !== true)
        .map(({ id }) => id),
    ),
    steps: steps.map((definition) => {
      const { id, needs, when, onFailure } = definition;
      const parts = [when, onFailure, expressions(definition)];
      return {
        definition,
        needs: positionsOf([...new Set(needs)]),
        dependents: positionsOf(dependents.get(id) ?? []),
        fallback: onFailure?.do === 'fallback' ? positionOf.get(onFailure.step) : undefined,
        standsInFor: positionsOf(replaced.get(id) ?? []),
        named: namedIn(parts),
        readsInput: readsInput(parts),
        bodies: [],
      };
    }),
  };
}

/** Ids of the steps that name each step, in their order. */
function byNamed(steps: readonly CompiledStep[], namedIn: (step: CompiledStep) => readonly string[]) {
  const naming = new Map<string, string[]>();
  for (const step of steps) {
    for (const named of namedIn(step)) {
      const known = naming.get(named);
      if (known === undefined) naming.set(named, [step.id]);
      else known.push(step.id);
    }
  }
  return naming;
}

const steps = /\bsteps\b(?!\s*(\.|\[\s*["']))/;

function namedBy(part: unknown, bodies: readonly ReadonlyMap<string, number>[]): NamedStep[] {
  const found = new Map<string, NamedStep>();
  const add = (id: string): void => {
    const up = bodies.findIndex((body) => body.has(id));
    const position = bodies[up]?.get(id);
    if (position !== undefined) found.set(id, { up, position });
  };
  for (const text of textsOf(part)) {
    if (steps.test(text)) for (const id of bodies.flatMap((body) => [...body.keys()])) add(id);
    for (const word of [...(text.match(/[\w-]+/g) ?? []), ...(text.match(/\w+/g) ?? [])]) add(word);
  }
  return [...found.values()];
}

/** Whether the word stands in a part: never less than its expressions use. */
const readsInput = (part: unknown): boolean => textsOf(part).some((text) => /\binput\b/.test(text));

function textsOf(part: unknown): string[] {
  if (typeof part === 'string') return [part];
  return typeof part === 'object' && part !== null ? Object.values(part).flatMap(textsOf) : [];
}
