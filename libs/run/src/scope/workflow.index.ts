import type {
  CompiledAgentStep,
  CompiledStep,
  CompiledToolStep,
  CompiledWorkflow,
} from '@interlock/language';
import type { Acting } from '../agent/state.js';
import type { StepIndex, WriteIndex } from '../indices.js';
import type { RunState, StepState } from '../state.js';
import { emptyTree, getItem, indicesOf } from '../tree.js';

/** What is looked up at every event, worked out once for each compiled workflow. */
export interface WorkflowIndex {
  /** Of every step of the workflow. */
  readonly all: readonly StepIndex[];
  readonly steps: readonly CompiledStep[];
  readonly placeOf: ReadonlyMap<string, StepIndex>;
  /** Places of the steps that need this one. */
  readonly dependents: readonly (readonly StepIndex[])[];
  readonly needs: readonly (readonly StepIndex[])[];
  /** Place of the step that stands in when this one fails. */
  readonly fallback: readonly (StepIndex | undefined)[];
  /** Places of the steps this one stands in for. */
  readonly owners: readonly (readonly StepIndex[])[];
  readonly initial: readonly StepState[];
  /** Places of the steps behind which there is no way back. */
  readonly pivots: readonly StepIndex[];
  /** Places of the steps that the expressions of a step may name. */
  readonly named: readonly (readonly StepIndex[])[];
  /** The same for the workflow's output and success criterion. */
  readonly namedAtEnd: readonly StepIndex[];
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
 * workflow without its steps, under the same hash: that one is nobody else's.
 */
export function internWorkflow(compiled: CompiledWorkflow): CompiledWorkflow {
  if (compiled.steps.length === 0) return compiled;
  const known = interned.get(compiled.hash);
  if (known !== undefined) return known;
  if (interned.size >= INTERNED_MAX) interned.delete(interned.keys().next().value!);
  interned.set(compiled.hash, compiled);
  return compiled;
}

function build({ steps, output, success }: CompiledWorkflow): WorkflowIndex {
  const all = indicesOf(emptyTree<StepState, StepIndex>(steps.length));
  const placeOf = new Map(all.map((place) => [steps[place]!.id, place]));
  const needs = steps.map((step) => step.needs.map((id) => placeOf.get(id)!));
  const dependents: StepIndex[][] = steps.map(() => []);
  const owners: StepIndex[][] = steps.map(() => []);
  const fallback = steps.map(({ onFailure }) =>
    onFailure?.do === 'fallback' ? placeOf.get(onFailure.step) : undefined,
  );
  for (const place of all) for (const need of needs[place]!) dependents[need]!.push(place);
  for (const place of all) {
    const other = fallback[place];
    if (other !== undefined) owners[other]!.push(place);
  }
  const initial = needs.map(
    (needed): StepState => ({ status: 'pending', since: 0, unmet: needed.length, generation: 1 }),
  );
  const pivots = all.filter((place) => steps[place]!.pivot === true);
  const named = steps.map((step) => {
    const { when, onFailure } = step;
    return namedIn([when, onFailure, expressionsOf(step)], placeOf);
  });
  return {
    all,
    steps,
    placeOf,
    dependents,
    needs,
    fallback,
    owners,
    initial,
    pivots,
    named,
    namedAtEnd: namedIn([output, success], placeOf),
  };
}

function expressionsOf(step: CompiledStep): unknown {
  switch (step.kind) {
    case 'tool':
      return step.with;
    case 'decide':
      return [step.with, step.table];
    case 'wait':
      return step.wait;
    case 'approval':
      return [step.approval.question, step.approval.details];
    case 'agent': {
      const { goal, facts, baseline } = step.agent;
      return [goal, facts ?? step.needs, baseline];
    }
  }
}

const steps = /\bsteps\b(?!\s*(\.|\[\s*["']))/;

/** Every step whose id stands as a word in the part: more than its expressions use, never less. */
function namedIn(part: unknown, placeOf: ReadonlyMap<string, StepIndex>): StepIndex[] {
  const found = new Set<StepIndex>();
  for (const text of textsOf(part)) {
    if (steps.test(text)) return [...placeOf.values()];
    for (const word of [...(text.match(/[\w-]+/g) ?? []), ...(text.match(/\w+/g) ?? [])]) {
      const place = placeOf.get(word);
      if (place !== undefined) found.add(place);
    }
  }
  return [...found];
}

function textsOf(part: unknown): string[] {
  if (typeof part === 'string') return [part];
  return typeof part === 'object' && part !== null ? Object.values(part).flatMap(textsOf) : [];
}

export const stepAt = (state: RunState, place: StepIndex): StepState =>
  getItem(state.steps, place) ?? workflowIndexOf(state.origin.compiled).initial[place]!;

/** A call of an agent has the id of its step, and a compensation that of the step it undoes. */
export function definitionAt(state: RunState, place: StepIndex): CompiledStep {
  const own = workflowIndexOf(state.origin.compiled).steps[place];
  if (own !== undefined) return own;
  const { acts, undoes } = stepAt(state, place);
  return acts === undefined ? compensatingStep(state, undoes!) : actingStep(state, acts);
}

/** It has as long as its step has. */
function actingStep(state: RunState, { owner, tool }: Acting): CompiledToolStep {
  const { id, agent, timeout } = definitionAt(state, owner) as CompiledAgentStep;
  const call = agent.tools[tool]!;
  const { totalMs } = timeout;
  const bounded = totalMs === undefined ? call.timeout : { ...call.timeout, totalMs };
  return { ...call, kind: 'tool', id, needs: [], with: {}, timeout: bounded };
}

function compensatingStep(state: RunState, ordinal: WriteIndex): CompiledToolStep {
  const { id, compensate } = definitionAt(state, getItem(state.writes, ordinal)!.step) as CompiledToolStep;
  const { tool, recovery } = compensate!;
  const { name, version, toolHash, timeoutMs } = tool;
  const timeout = { attemptMs: timeoutMs };
  const pinned = { tool: name, version, toolHash, timeoutMs, timeout, recovery };
  return { kind: 'tool', id, needs: [], effect: 'write', ...pinned, with: {} };
}

export const isClosed = ({ status }: StepState): boolean => status === 'completed' || status === 'skipped';
