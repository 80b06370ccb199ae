import type { CompiledStep, CompiledWorkflow } from '@interlock/language';
import type { StepIndex } from '../indices.js';
import { kindNamed } from '../step/index.js';
import type { StepState } from '../step/state.js';
import { emptyTree, indicesOf } from '../tree.js';

/** What is looked up at every event, worked out once for each compiled workflow. */
export interface WorkflowIndex {
  /** Of every step of the workflow. */
  readonly all: readonly StepIndex[];
  readonly steps: readonly IndexedStep[];
  readonly indexOf: ReadonlyMap<string, StepIndex>;
  /** Pivot steps: behind them nothing is undone. */
  readonly pivots: readonly StepIndex[];
  /** Steps that the expressions of the workflow's output, success criterion and search fields may name. */
  readonly namedAtEnd: readonly StepIndex[];
}

export interface IndexedStep {
  readonly definition: CompiledStep;
  readonly needs: readonly StepIndex[];
  /** Steps that need it. */
  readonly dependents: readonly StepIndex[];
  /** The step that stands in when it fails. */
  readonly fallback: StepIndex | undefined;
  /** Steps that it stands in for. */
  readonly standsInFor: readonly StepIndex[];
  /** Steps that its expressions may name. */
  readonly named: readonly StepIndex[];
  /** Its state before anything has happened to it. */
  readonly initial: StepState;
}

const indexes = new WeakMap<CompiledWorkflow, WorkflowIndex>();

export function workflowIndexOf(compiled: CompiledWorkflow): WorkflowIndex {
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

/** @throws the workflow has no such step */
export function stepIn(compiled: CompiledWorkflow, step: StepIndex): IndexedStep {
  const found = workflowIndexOf(compiled).steps[step];
  if (found === undefined) throw new Error(`${compiled.name} has no step at ${step}`);
  return found;
}

function build({ steps, output, success, search }: CompiledWorkflow): WorkflowIndex {
  const all = indicesOf(emptyTree<StepState, StepIndex>(steps.length));
  const indexOf = new Map(all.flatMap((step) => steps.slice(step, step + 1).map(({ id }) => [id, step])));
  const indicesIn = (ids: readonly string[]) => ids.flatMap((id) => indexOf.get(id) ?? []);
  const where = (holds: (step: CompiledStep) => boolean) =>
    indicesIn(steps.filter(holds).map(({ id }) => id));
  const dependents = byNamed(steps, ({ needs }) => [...new Set(needs)]);
  const replaced = byNamed(steps, ({ onFailure }) => (onFailure?.do === 'fallback' ? [onFailure.step] : []));
  return {
    all,
    indexOf,
    steps: steps.map((definition) => {
      const { id, needs, when, onFailure } = definition;
      return {
        definition,
        needs: indicesIn(needs),
        dependents: indicesIn(dependents.get(id) ?? []),
        fallback: onFailure?.do === 'fallback' ? indexOf.get(onFailure.step) : undefined,
        standsInFor: indicesIn(replaced.get(id) ?? []),
        named: namedIn([when, onFailure, kindNamed(definition.kind).expressions(definition)], indexOf),
        initial: { since: 0, unmet: new Set(needs).size, generation: 1, at: { status: 'pending' } },
      };
    }),
    pivots: where(({ pivot }) => pivot === true),
    namedAtEnd: namedIn([output, success, search], indexOf),
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

/** Every step whose id stands as a word in the part: more than its expressions use, never less. */
function namedIn(part: unknown, indexOf: ReadonlyMap<string, StepIndex>): StepIndex[] {
  const found = new Set<StepIndex>();
  for (const text of textsOf(part)) {
    if (steps.test(text)) return [...indexOf.values()];
    for (const word of [...(text.match(/[\w-]+/g) ?? []), ...(text.match(/\w+/g) ?? [])]) {
      const step = indexOf.get(word);
      if (step !== undefined) found.add(step);
    }
  }
  return [...found];
}

function textsOf(part: unknown): string[] {
  if (typeof part === 'string') return [part];
  return typeof part === 'object' && part !== null ? Object.values(part).flatMap(textsOf) : [];
}
