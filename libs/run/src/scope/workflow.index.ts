import { bodiesOf, type CompiledStep, type CompiledWorkflow, stepsOf } from '@interlock/language';
import type { StepIndex } from '../indices.js';
import type { RunState } from '../state.js';
import { kindNamed } from '../step/index.js';
import type { StepState } from '../step/state.js';
import { emptyTree, indicesOf } from '../tree.js';
import { type BodyIndex, buildBody, type NamedStep, type StaticStep } from './body.index.js';
import type { Place } from './scope.state.js';
import { scopeHolding } from './scopes.js';

/** What is looked up at every event, worked out once for each compiled workflow. */
export interface WorkflowIndex {
  /** Of every step of the workflow itself, outside of all bodies. */
  readonly all: readonly StepIndex[];
  /** The steps of the workflow itself, and those of every body in it. The first is the workflow. */
  readonly bodies: readonly BodyIndex[];
  /** Every step of the document, also those in bodies. */
  readonly definitions: readonly CompiledStep[];
  /** Steps that the expressions of the workflow's output, success criterion and search fields may name. */
  readonly namedAtEnd: readonly StepIndex[];
  /** Whether those may read the input of the run. */
  readonly readsInputAtEnd: boolean;
}

/** A step as it stands in a run. */
export interface IndexedStep {
  /** Its `id` is the path of the step. */
  readonly definition: CompiledStep;
  /** What expressions call it. */
  readonly name: string;
  readonly needs: readonly StepIndex[];
  /** Steps that need it. */
  readonly dependents: readonly StepIndex[];
  /** The step that stands in when it fails. */
  readonly fallback: StepIndex | undefined;
  /** Steps that it stands in for. */
  readonly standsInFor: readonly StepIndex[];
  /** Steps that its expressions may name. */
  readonly named: readonly StepIndex[];
  /** Whether its expressions may read the input of the run. */
  readonly readsInput: boolean;
  /** The step in whose body it stands. */
  readonly owner: StepIndex | undefined;
  /** Numbers of its bodies. */
  readonly bodies: readonly number[];
  /** Its state before anything has happened to it. */
  readonly initial: StepState;
}

interface Built extends WorkflowIndex {
  /** The steps of the workflow itself, as they stand in every run. */
  readonly outermost: readonly IndexedStep[];
}

const indexes = new WeakMap<CompiledWorkflow, Built>();

export const workflowIndexOf = (compiled: CompiledWorkflow): WorkflowIndex => builtFor(compiled);

function builtFor(compiled: CompiledWorkflow): Built {
  let index = indexes.get(compiled);
  if (index === undefined) {
    index = build(compiled);
    indexes.set(compiled, index);
  }
  return index;
}

const INTERNED_MAX = 256;
const interned = new Map<string, CompiledWorkflow>();

/**
 * One object for all runs of a workflow, so that what is worked out for it and its memory are shared. A run that never began holds the
 * workflow without its steps, under the same hash: that object is not shared.
 */
export function internWorkflow(compiled: CompiledWorkflow): CompiledWorkflow {
  if (compiled.steps.length === 0) return compiled;
  const known = interned.get(compiled.hash);
  if (known !== undefined) return known;
  if (interned.size >= INTERNED_MAX)
    for (const [oldest] of [...interned].slice(0, 1)) interned.delete(oldest);
  interned.set(compiled.hash, compiled);
  return compiled;
}

/** @throws the run has no such step, or the turn in which it stood is over */
export function stepIn(state: RunState, step: StepIndex): IndexedStep {
  const { outermost } = builtFor(state.origin.compiled);
  const found = outermost[step] ?? inBody(state, step);
  if (found === undefined) throw new Error(`${state.origin.compiled.name} has no step at ${step}`);
  return found;
}

/** The body with this number. @throws the workflow has no such body */
export function bodyAt({ origin }: RunState, body: number): BodyIndex {
  const found = workflowIndexOf(origin.compiled).bodies[body];
  if (found === undefined) throw new Error(`${origin.compiled.name} has no body ${body}`);
  return found;
}

const views = new WeakMap<Place, readonly IndexedStep[]>();

function inBody(state: RunState, step: StepIndex): IndexedStep | undefined {
  const scope = scopeHolding(state, step);
  if (scope === undefined) return undefined;
  const { place } = scope;
  let steps = views.get(place);
  if (steps === undefined) {
    steps = bodyAt(state, place.body).steps.map((one) => standingAt(state, place, one));
    views.set(place, steps);
  }
  return steps[step - place.base];
}

/** The steps that expressions in a turn, or at its end, may name. */
export const namedFrom = (
  state: RunState,
  place: Place | undefined,
  named: readonly NamedStep[],
): StepIndex[] =>
  named.map(({ up, position }) => {
    let from = place;
    for (let left = up; left > 0 && from !== undefined; left -= 1)
      from = scopeHolding(state, from.owner)?.place;
    return stepPlacedAt(from, position);
  });

/** The step at a position of a turn; without one, of the workflow itself. */
export const stepPlacedAt = (place: Place | undefined, position: number): StepIndex =>
  at(place?.base, position);

const at = (base: StepIndex | undefined, position: number): StepIndex =>
  ((base ?? 0) + position) as StepIndex;

function standingAt(state: RunState, place: Place, step: StaticStep): IndexedStep {
  const { base, owner, path, generation } = place;
  return asStanding(step, {
    base,
    named: namedFrom(state, place, step.named),
    owner,
    id: `${path}/${step.definition.id}`,
    generation,
  });
}

interface Standing {
  readonly base: StepIndex | undefined;
  readonly named: readonly StepIndex[];
  readonly owner: StepIndex | undefined;
  readonly id: string;
  readonly generation: number;
}

function asStanding(step: StaticStep, { base, named, owner, id, generation }: Standing): IndexedStep {
  const { definition, needs, dependents, fallback, standsInFor, readsInput, bodies } = step;
  const here = (positions: readonly number[]) => positions.map((position) => at(base, position));
  return {
    definition: { ...definition, id },
    name: definition.id,
    needs: here(needs),
    dependents: here(dependents),
    fallback: fallback === undefined ? undefined : at(base, fallback),
    standsInFor: here(standsInFor),
    named,
    readsInput,
    owner,
    bodies,
    initial: { since: 0, unmet: needs.length, generation, at: { status: 'pending' } },
  };
}

function build(compiled: CompiledWorkflow): Built {
  const bodies: BodyIndex[] = [];
  const root = addBody(bodies, compiled.steps, [], compiled.output, [compiled.success, compiled.search]);
  const all = indicesOf(emptyTree<StepState, StepIndex>(root.steps.length));
  const outermost = root.steps.map((step) =>
    asStanding(step, {
      base: undefined,
      named: step.named.map(({ position }) => at(undefined, position)),
      owner: undefined,
      id: step.definition.id,
      generation: 1,
    }),
  );
  return {
    all,
    bodies,
    outermost,
    definitions: bodies.flatMap(({ steps }) => steps.map(({ definition }) => definition)),
    namedAtEnd: root.namedAtEnd.map(({ position }) => at(undefined, position)),
    readsInputAtEnd: root.readsInputAtEnd,
  };
}

/** Adds a body, and those inside of its steps, so that a step knows the numbers of its own. */
function addBody(
  bodies: BodyIndex[],
  steps: readonly CompiledStep[],
  around: readonly BodyIndex[],
  output: unknown,
  until: unknown,
): BodyIndex {
  const body = buildBody(steps, around, output, until, (definition) =>
    kindNamed(definition.kind).expressions(definition),
  );
  bodies.push(body);
  for (const step of body.steps) {
    for (const inner of bodiesOf(step.definition)) {
      step.bodies.push(bodies.length);
      const { kind } = step.definition;
      addBody(
        bodies,
        stepsOf(inner),
        [body, ...around],
        inner.output,
        kindNamed(kind).atTurnEnd?.(step.definition),
      );
    }
  }
  return body;
}
