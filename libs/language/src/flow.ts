import type { CompiledStep, CompiledWorkflow } from './compiled.js';
import {
  noReads,
  type Reads,
  readsIn,
  readsOfExpression,
  readsOfTemplate,
  type StepRead,
} from './expression.reads.js';
import { formOfCompiled } from './step/index.js';

/* What can depend on what in a workflow, worked out from its steps alone. */

/** Everything that decides whether a step runs, and with what input. */
export interface FlowStep {
  readonly id: string;
  readonly kind: CompiledStep['kind'];
  /** A model may act in it. */
  readonly mayAct: boolean;
  readonly needs: readonly string[];
  /** Steps it stands in for: it runs when one of them fails. */
  readonly standsInFor: readonly string[];
  /** Stands in when it fails. */
  readonly fallback?: string;
  /** What its input and its condition take. */
  readonly reads: Reads;
  /** What its fallback value reads; absent: it has none. */
  readonly valueReads?: Reads;
  /** Of an approval step: what people are shown as it is. */
  readonly shows: readonly StepRead[];
}

export interface Flow {
  /** In the order of the workflow: needs and the steps that a fallback stands in for come first. */
  readonly steps: ReadonlyMap<string, FlowStep>;
  /** Of the run's output and its criterion of success. */
  readonly outcome: Reads;
  /** Whether a model may act in any of its steps. */
  readonly mayAct: boolean;
}

type Steps = Pick<CompiledWorkflow, 'steps' | 'output' | 'success'>;

const flows = new WeakMap<Steps, Flow>();

export function flowOf(workflow: Steps): Flow {
  let flow = flows.get(workflow);
  if (flow === undefined) {
    flow = build(workflow);
    flows.set(workflow, flow);
  }
  return flow;
}

function build({ steps, output, success }: Steps): Flow {
  const owners = new Map<string, string[]>();
  for (const { id, onFailure } of steps) {
    if (onFailure?.do === 'fallback') owners.set(onFailure.step, [...(owners.get(onFailure.step) ?? []), id]);
  }
  const flow = new Map(steps.map((step) => [step.id, flowStep(step, owners.get(step.id) ?? [])]));
  const everything: Reads = { of: [], all: true };
  return {
    steps: flow,
    outcome: readsIn(output === undefined ? everything : readsOfTemplate(output), condition(success)),
    mayAct: [...flow.values()].some(({ mayAct }) => mayAct),
  };
}

const condition = (text: string | undefined): Reads =>
  text === undefined ? noReads : readsOfExpression(text);

function flowStep(step: CompiledStep, standsInFor: readonly string[]): FlowStep {
  const { id, kind, needs, when, onFailure } = step;
  const form = formOfCompiled(step);
  return {
    id,
    kind,
    mayAct: form.mayAct(step),
    needs,
    standsInFor,
    ...(onFailure?.do === 'fallback' ? { fallback: onFailure.step } : {}),
    ...(onFailure?.do === 'value' ? { valueReads: readsOfTemplate(onFailure.value) } : {}),
    reads: readsIn(condition(when), form.reads(step)),
    shows: form.shows(step),
  };
}
