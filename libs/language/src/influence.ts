import { type Influence, stepNameOf } from '@interlock/contracts';
import { isShown, noReads, type Reads, type StepRead } from './expression.reads.js';
import type { Flow, FlowStep } from './flow.js';
import { stepsAfter } from './flow.order.js';
import type { AgentFact, InfluenceFacts } from './influence.facts.js';

/*
 * Which models have influenced a step, from what its workflow lets depend on what and from what has happened in the run.
 *
 *   F1  A step is influenced by what its input and condition take, by what it needs, and by the failure it stands in for.
 *   F2  What it gives is influenced likewise, and by its own model once something of that model was used.
 *   F3  What people approved is not: a question that they answered, a call that they allowed and that has succeeded.
 *   F5  What a child gives is influenced by its own models too, as it said when it ended. A run that another one started is influenced in
 *       all it does by the models that led to its input, whatever people approve in it.
 *   F4  Behind such an approval two things count as approved too: that the steps before it have ended, and, of a question,
 *       the values that it showed as they are.
 *   F6  What stands in a body is influenced by what leads to the step whose body it is, and that step gives what stands in it gives, and
 *       what the template of the body takes besides.
 *       All turns of a loop count as one: what a model did in one of them counts for the others, and what people approved
 *       in one of them for none (F3 and F4 hold outside of loops). In a `repeat` each turn follows from the one before it, so there
 *       every step is influenced by whatever influences any of them.
 */

/** Models that influenced whether a step runs, and with what. */
export const influenceOn = (flow: Flow, facts: InfluenceFacts, step: string): Influence[] =>
  evaluationOf(flow, facts).named((evaluation) => evaluation.into(stepNameOf(step)));

/** Models that influenced the calls of a step: of an agent step also the one that proposes them. */
export const influenceOnCall = (flow: Flow, facts: InfluenceFacts, step: string): Influence[] =>
  evaluationOf(flow, facts).named((evaluation) => evaluation.call(stepNameOf(step)));

/** Models that influenced the run's output. */
export const influenceOnOutcome = (flow: Flow, facts: InfluenceFacts): Influence[] =>
  evaluationOf(flow, facts).named((evaluation) => evaluation.outcome());

/**
 * Models that influenced what follows from a run that has completed: through its output, and since it would have failed with any of its
 * steps. It is like a step that needs all of them.
 */
export const influenceOnCompletion = (flow: Flow, facts: InfluenceFacts): Influence[] =>
  evaluationOf(flow, facts).named((evaluation) => evaluation.completion());

const evaluations = new WeakMap<InfluenceFacts, Evaluation>();

/** Facts are never changed, so what follows from them is worked out once. */
function evaluationOf(flow: Flow, facts: InfluenceFacts): Evaluation {
  let evaluation = evaluations.get(facts);
  if (evaluation?.flow !== flow) {
    evaluation = new Evaluation(flow, facts);
    evaluations.set(facts, evaluation);
  }
  return evaluation;
}

/** Ids of agent steps. */
type Agents = ReadonlySet<string>;
const none: Agents = new Set();

class Evaluation {
  readonly #into = new Map<string, Agents>();
  readonly #out = new Map<string, Agents>();
  readonly #passes = new Map<string, Agents>();
  readonly #endorsed: ReadonlySet<string>;
  /** Models of which something was used, by the step of this run that they belong to. */
  readonly #used: ReadonlyMap<string, readonly AgentFact[]>;
  readonly #fellBack: ReadonlyMap<string, InfluenceFacts['fellBack'][number]>;

  constructor(
    readonly flow: Flow,
    readonly facts: InfluenceFacts,
  ) {
    this.#endorsed = new Set(facts.endorsed);
    this.#used = Map.groupBy(
      facts.agents.filter(({ used }) => used),
      ({ step, child }) => stepNameOf(child ?? step),
    );
    this.#fellBack = new Map(
      facts.fellBack.map((fell) => [
        stepNameOf(fell.step),
        { ...fell, ...(fell.to === undefined ? {} : { to: stepNameOf(fell.to) }) },
      ]),
    );
  }

  named(select: (evaluation: this) => Agents): Influence[] {
    const { inherited = [], agents } = this.facts;
    const above = inherited.map(({ step, level, model, plan }) => ({ step, level, model, plan }));
    if (agents.length === 0) return above;
    const found = select(this);
    const own = agents
      .filter(({ step }) => found.has(stepNameOf(step)))
      .map(({ step, level, model, plan }) => ({ step, level, model, plan }))
      .sort((a, b) => (a.step < b.step ? -1 : 1));
    return [...above, ...own];
  }

  call(id: string): Agents {
    const isAgent = this.flow.steps.get(id)?.kind === 'agent';
    return isAgent ? united(this.into(id), new Set([id])) : this.into(id);
  }

  outcome(): Agents {
    const { all, of } = this.flow.outcome;
    const steps = all ? [...this.flow.steps.keys()] : of.map(({ step }) => step);
    return united(...steps.map((id) => this.#outOf(id)));
  }

  completion(): Agents {
    const outermost = [...this.flow.steps.values()].filter(({ within }) => within === undefined);
    const ungated = outermost.filter(({ id }) => !this.#isApprovedBehind(id));
    return united(this.outcome(), ...ungated.map(({ id }) => this.#outOf(id)));
  }

  /** F4: people approved something once it had ended. */
  #isApprovedBehind = (id: string): boolean =>
    this.facts.endorsed.some((gate) => stepsAfter(this.flow, id).has(gate));

  into(id: string): Agents {
    return once(this.#into, id, () => {
      const step = this.flow.steps.get(id);
      if (step === undefined) return none;
      if (step.repeat !== undefined) return this.#anyOf(step.repeat);
      return united(this.#leadingTo(step), step.within === undefined ? none : this.into(step.within));
    });
  }

  #leadingTo = (step: FlowStep): Agents =>
    united(this.#needed(step), this.#taken(step.id, step.reads), this.#stoodInFor(step));

  /** Whatever influences a `repeat` or any step in it, its own steps taken together. */
  #anyOf(repeat: string): Agents {
    return once(this.#passes, repeat, () => {
      const isInside = (id: string): boolean => id.startsWith(`${repeat}/`);
      const inside = [...this.flow.steps.values()].filter(({ id }) => isInside(id));
      const ends = this.flow.steps.get(repeat)?.turnReads ?? noReads;
      const taken = inside.flatMap(({ reads, turnReads, valueReads = noReads }) => [
        reads,
        turnReads,
        valueReads,
      ]);
      const outside = [ends, ...taken].flatMap(({ of, all }) =>
        all ? [...this.flow.steps.keys()] : of.map(({ step }) => step),
      );
      return united(
        this.into(repeat),
        ...inside.map(({ id }) => this.#model(id)),
        ...outside.filter((id) => id !== repeat && !isInside(id)).map((id) => this.#outOf(id)),
        inside.some(({ id }) => this.#fellBack.has(id)) ? this.#spenders() : none,
      );
    });
  }

  /** Every model that may have used up a budget. */
  #spenders = (): Agents => new Set(this.facts.fellBack.flatMap(({ spenders }) => spenders).map(stepNameOf));

  #outOf(id: string): Agents {
    return once(this.#out, id, () => {
      if (this.#endorsed.has(id)) return none;
      const step = this.flow.steps.get(id);
      const fell = this.#fellBack.get(id);
      if (step === undefined) return united(this.into(id), this.#model(id));
      const given = [...step.inside.map((inner) => this.#outOf(inner)), this.#taken(id, step.turnReads)];
      const own = united(this.into(id), this.#model(id), ...given);
      if (fell === undefined) return own;
      if (step.isLooped) return united(own, this.#instead(id, step));
      if (step.inside.length > 0) return united(own, this.#instead(id, step));
      if (fell.to === undefined) return united(this.#failure(id), this.#taken(id, step.valueReads));
      const isShared = (this.flow.steps.get(fell.to)?.standsInFor.length ?? 0) > 1;
      return united(this.#outOf(fell.to), isShared ? this.#failure(id) : none);
    });
  }

  /** In some turn of a loop: whatever may have stood in for it there. */
  #instead = (id: string, { fallback, valueReads }: FlowStep): Agents =>
    united(
      this.#failure(id),
      this.#taken(id, valueReads),
      fallback === undefined ? none : this.#outOf(fallback),
    );

  /** What made it fail. A budget that is used up may be any model's doing. */
  #failure(id: string): Agents {
    const spenders = this.#fellBack.get(id)?.spenders ?? [];
    return united(this.into(id), this.#model(id), new Set(spenders.map(stepNameOf)));
  }

  #model = (id: string): Agents => new Set((this.#used.get(id) ?? []).map(({ step }) => stepNameOf(step)));

  #needed({ id, needs }: FlowStep): Agents {
    return united(
      ...needs.map((need) => {
        const influence = this.#outOf(need);
        return influence.size > 0 && this.#isGated(id, need) ? none : influence;
      }),
    );
  }

  #taken(id: string, reads: Reads | undefined): Agents {
    if (reads === undefined) return none;
    const all = reads.all ? [...this.flow.steps.keys()].map((other) => this.#seenBy(id, other)) : [];
    return united(
      ...all,
      ...reads.of.map((read) => {
        const influence = this.#seenBy(id, read.step);
        return influence.size > 0 && this.#wasShown(id, read) ? none : influence;
      }),
    );
  }

  /** A fallback sees the failure that it stands in for, also that of a step whose fallback has failed in its turn. */
  #seenBy(id: string, other: string): Agents {
    const passed = new Set<string>();
    let stand = this.#fellBack.get(other)?.to;
    while (stand !== undefined && !passed.has(stand)) {
      if (stand === id) return this.#failure(other);
      passed.add(stand);
      stand = this.#fellBack.get(stand)?.to;
    }
    return this.#outOf(other);
  }

  /** A fallback runs because of the steps that failed; if none has failed, it was not needed. */
  #stoodInFor({ id, standsInFor }: FlowStep): Agents {
    const failed = standsInFor.filter((owner) => this.#fellBack.get(owner)?.to === id);
    return failed.length > 0
      ? united(...failed.map((owner) => this.#failure(owner)))
      : united(...standsInFor.map((owner) => this.#outOf(owner)));
  }

  /** F4: between the two people approved something. */
  #isGated(id: string, earlier: string): boolean {
    const { flow } = this;
    return this.facts.endorsed.some(
      (gate) => stepsAfter(flow, gate).has(id) && stepsAfter(flow, earlier).has(gate),
    );
  }

  /** F4: people saw the value before they approved what this step waits for. */
  #wasShown(id: string, read: StepRead): boolean {
    return this.facts.endorsed.some((gate) => {
      const shows = this.flow.steps.get(gate)?.shows ?? [];
      return isShown(read, shows) && stepsAfter(this.flow, gate).has(id);
    });
  }
}

/** Set before it is known: steps that wait for each other never run, and the search for them ends. */
function once(known: Map<string, Agents>, id: string, find: () => Agents): Agents {
  const found = known.get(id);
  if (found !== undefined) return found;
  known.set(id, none);
  const agents = find();
  known.set(id, agents);
  return agents;
}

function united(...sets: readonly Agents[]): Agents {
  const filled = sets.filter(({ size }) => size > 0);
  const [first] = filled;
  return filled.length > 1 ? new Set(filled.flatMap((set) => [...set])) : (first ?? none);
}
