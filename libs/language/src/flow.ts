import type { CompiledStep, CompiledWorkflow } from './compiled.js';
import { bodiesOf, stepsOf } from './compiled.walk.js';
import {
  noReads,
  type Reads,
  readsIn,
  readsOfExpression,
  readsOfTemplate,
  type StepRead,
} from './expression.reads.js';
import { formOfCompiled } from './step/index.js';

/*
 * What can depend on what in a workflow, worked out from its steps alone. A step in a body is called by its path without turns, like
 * `lines/charge`, so all turns of a loop count as one.
 */

/** Everything that decides whether a step runs, and with what input. */
export interface FlowStep {
  /** Path without turns. */
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
  /** The step in whose body it stands. */
  readonly within?: string;
  /**
   * What turns of its bodies take when they end: for what they give, and for whether another one follows. What it gave itself in the turn
   * before is not among them.
   */
  readonly turnReads: Reads;
  /** The steps that stand directly in it. */
  readonly inside: readonly string[];
  /** It stands in the body of a loop, so it may run more than once. */
  readonly isLooped: boolean;
  /** It stands in a loop whose turns read what the one before them gave: the outermost such loop. */
  readonly repeat?: string;
}

export interface Flow {
  /** In the order of the workflow: needs and the steps that a fallback stands in for come first, what stands in a step behind it. */
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
  const flow = new Map(flowSteps(steps, outermost).map((step) => [step.id, step]));
  const everything: Reads = { of: [], all: true };
  return {
    steps: flow,
    outcome: readsIn(output === undefined ? everything : readsOfTemplate(output), condition(success)),
    mayAct: [...flow.values()].some(({ mayAct }) => mayAct),
  };
}

const condition = (text: string | undefined): Reads =>
  text === undefined ? noReads : readsOfExpression(text);

/** Where steps stand: what their expressions call a step, by its path without turns. */
interface Place {
  readonly names: ReadonlyMap<string, string>;
  readonly within?: string;
  readonly isLooped: boolean;
  readonly repeat?: string;
}

const outermost: Place = { names: new Map(), isLooped: false };

function flowSteps(steps: readonly CompiledStep[], around: Place): FlowStep[] {
  const prefix = around.within === undefined ? '' : `${around.within}/`;
  const own = steps.map(({ id }) => [id, `${prefix}${id}`] as const);
  const place: Place = { ...around, names: new Map([...around.names, ...own]) };
  const owners = new Map<string, string[]>();
  for (const { id, onFailure } of steps) {
    if (onFailure?.do === 'fallback') owners.set(onFailure.step, [...(owners.get(onFailure.step) ?? []), id]);
  }
  return steps.flatMap((step) => [
    flowStep(step, owners.get(step.id) ?? [], place),
    ...bodiesOf(step).flatMap((body) => flowSteps(stepsOf(body), insideOf(step, place))),
  ]);
}

function insideOf(step: CompiledStep, place: Place): Place {
  const within = nameIn(place, step.id);
  const { isLoop, isRepeat } = formOfCompiled(step);
  const repeat = place.repeat ?? (isRepeat ? within : undefined);
  return {
    names: place.names,
    within,
    isLooped: place.isLooped || isLoop,
    ...(repeat === undefined ? {} : { repeat }),
  };
}

/** Of every body, with the names that are known in it. */
function turnReads(step: CompiledStep, around: Place): Reads {
  const id = nameIn(around, step.id);
  const taken = bodiesOf(step).map((body) => {
    const inner = stepsOf(body).map((one) => [one.id, `${id}/${one.id}`] as const);
    const place: Place = { ...around, names: new Map([...around.names, ...inner]) };
    return readsFrom(place, readsIn(readsOfTemplate(body.output), formOfCompiled(step).readsAtTurnEnd(step)));
  });
  const { of, all } = readsIn(...taken);
  return { of: of.filter((read) => !`${id}/`.startsWith(`${read.step}/`)), all };
}

const nameIn = ({ names }: Place, id: string): string => names.get(id) ?? id;

const readsFrom = (place: Place, { of, all }: Reads): Reads => ({
  of: of.map(({ step, path }) => ({ step: nameIn(place, step), path })),
  all,
});

function flowStep(step: CompiledStep, standsInFor: readonly string[], place: Place): FlowStep {
  const { id, kind, needs, when, onFailure } = step;
  const form = formOfCompiled(step);
  const name = (other: string): string => nameIn(place, other);
  const { within, isLooped, repeat } = place;
  return {
    id: name(id),
    kind,
    mayAct: form.mayAct(step),
    needs: needs.map(name),
    standsInFor: standsInFor.map(name),
    ...(onFailure?.do === 'fallback' ? { fallback: name(onFailure.step) } : {}),
    ...(onFailure?.do === 'value' ? { valueReads: readsFrom(place, readsOfTemplate(onFailure.value)) } : {}),
    reads: readsFrom(place, readsIn(condition(when), form.reads(step))),
    turnReads: turnReads(step, place),
    shows: form.shows(step).map(({ step: shown, path }) => ({ step: name(shown), path })),
    ...(within === undefined ? {} : { within }),
    inside: bodiesOf(step).flatMap((body) => stepsOf(body).map((inner) => `${name(id)}/${inner.id}`)),
    isLooped,
    ...(repeat === undefined ? {} : { repeat }),
  };
}
