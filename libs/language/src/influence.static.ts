import type { CompiledStep, CompiledWorkflow } from './compiled.js';
import { mapSteps } from './compiled.walk.js';
import type { Reads } from './expression.reads.js';
import { type Flow, type FlowStep, flowOf } from './flow.js';
import { stepsAfter } from './flow.order.js';

/** Agent steps whose models can influence something, by the id of what they can influence. */
export type Influencers = ReadonlyMap<string, readonly string[]>;

/**
 * What can be influenced at all, whatever happens in a run and whoever approves: each step by the agent steps whose
 * models can reach its input, its condition or whether it runs.
 */
export function influencersOf(workflow: Pick<CompiledWorkflow, 'steps' | 'output' | 'success'>): {
  readonly steps: Influencers;
  readonly outcome: readonly string[];
} {
  const flow = flowOf(workflow);
  if (!flow.mayAct) return { steps: new Map(), outcome: [] };
  const reach = new Reach(flow);
  const steps = [...flow.steps.keys()].map((id) => [id, reach.into(id)] as const);
  return { steps: new Map(steps.filter(([, agents]) => agents.length > 0)), outcome: reach.outcome() };
}

/** The steps, each with the agent steps that can influence it. */
export const withInfluencers = (steps: readonly CompiledStep[], influencers: Influencers): CompiledStep[] =>
  mapSteps(steps, (step, name) => {
    const influencedBy = influencers.get(name);
    return influencedBy === undefined ? step : { ...step, influencedBy };
  });

class Reach {
  readonly #into = new Map<string, Set<string>>();
  readonly #out = new Map<string, Set<string>>();

  constructor(readonly flow: Flow) {
    for (const id of flow.steps.keys()) {
      this.#into.set(id, new Set());
      this.#out.set(id, new Set());
    }
    while ([...flow.steps.values()].map((step) => this.#grow(step)).includes(true));
  }

  into(id: string): string[] {
    return [...(this.#into.get(id) ?? [])].sort();
  }

  outcome(): string[] {
    return [...new Set(this.#taken(this.flow.outcome))].sort();
  }

  /** @returns whether anything came to be known */
  #grow(step: FlowStep): boolean {
    const { id, needs, standsInFor, reads, valueReads, fallback, mayAct, within, inside, repeat } = step;
    const around = within === undefined ? [] : [...(this.#into.get(within) ?? [])];
    const earlier = repeat === undefined ? [] : this.#of(repeat);
    const before = [...needs, ...standsInFor].flatMap((other) => this.#of(other));
    const into = [...before, ...around, ...earlier, ...this.#taken(reads)];
    const spending = fallback === undefined && valueReads === undefined ? [] : this.#spenders(id);
    const stands = fallback === undefined ? [] : this.#of(fallback);
    const own = mayAct ? [id] : [];
    const given = [...inside.flatMap((inner) => this.#of(inner)), ...this.#taken(step.turnReads)];
    const out = [...into, ...own, ...given, ...stands, ...spending, ...this.#taken(valueReads)];
    const grewInto = addTo(this.#into.get(id), into);
    return addTo(this.#out.get(id), out) || grewInto;
  }

  /** Any model that runs before a step, or beside it, can use up its budget. */
  #spenders(id: string): string[] {
    const after = stepsAfter(this.flow, id);
    return [...this.flow.steps.values()]
      .filter((step) => step.mayAct && !after.has(step.id))
      .map((step) => step.id);
  }

  #taken(reads: Reads | undefined): string[] {
    if (reads === undefined) return [];
    const steps = reads.all ? [...this.flow.steps.keys()] : reads.of.map(({ step }) => step);
    return steps.flatMap((step) => this.#of(step));
  }

  #of = (id: string): string[] => [...(this.#out.get(id) ?? [])];
}

function addTo(known: Set<string> | undefined, agents: readonly string[]): boolean {
  const before = known?.size;
  for (const agent of agents) known?.add(agent);
  return known?.size !== before;
}
