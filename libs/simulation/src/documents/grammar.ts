// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import { oneOf } from '../chosen.js';
import { agentStep, formStep, levelOfStep, levelsOfRun, reading, unsaid } from './talk.js';

/** Steps as an author writes them, by their ids. */
type WrittenSteps = Record<string, Record<string, unknown>>;

/** What the steps of a body may speak of. */
interface Place {
  /** Bodies around. */
  readonly depth: number;
  /** Its steps are called so, and a number. */
  readonly prefix: string;
  /** Names of the items around, from the outermost inwards. */
  readonly items: readonly string[];
  /** Agents around that have surely ended, and give what agents give. */
  readonly agents: readonly string[];
}

const DEPTH_MAX = 3;
/** Calls that may stand in one document, each counted as often as its loops may run: all of it has to end in time. */
const CALLS_MAX = 14;
const PEOPLE_MAX = 2;
const AGENTS_MAX = 4;

const order = { id: '${input.id}', amount: '${input.amount}' };
const retry = { transient: { attempts: 3, backoff: '100ms' }, timeout: { attempts: 3, backoff: '100ms' } };
const written = (expression: string): string => `\${${expression}}`;

const leaves = [
  'look',
  'rate',
  'keyed',
  'checked',
  'manual',
  'keyed',
  'checked',
  'table',
  'rest',
  'signal',
  'ask',
] as const;
const bodies = ['forEach', 'forEach', 'repeat', 'switch'] as const;
const talking = [...leaves, 'agent', 'agent', 'agent', 'agent', 'form', 'form'] as const;
type Kind = (typeof talking)[number] | (typeof bodies)[number] | 'child';

/**
 * Writes documents at random, over the whole language: every kind of step, bodies in bodies, children, failures and what is done about
 * them, conditions, needs, pivots and budgets. What it writes is always right, so one that does not compile is a bug here or in the compiler.
 */
export class Grammar {
  #calls = 0;
  #people = 0;
  #times = 1;

  /**
   * @param others workflows that a step may start, by name
   * @param talks it has agents, forms and service levels, too
   */
  constructor(
    readonly random: () => number,
    readonly others: readonly string[],
    readonly talks = false,
  ) {}

  document(name: string) {
    this.#calls = 0;
    this.#people = 0;
    this.#times = 1;
    const steps = this.#steps({ depth: 0, prefix: 's', items: [], agents: [] }, 2 + this.#below(3));
    const isTight = this.#happens(0.12);
    return {
      workflow: name,
      version: 1,
      purpose: 'simulation',
      input: {
        type: 'object',
        properties: { id: { type: 'string' }, amount: { type: 'integer' } },
        required: ['id', 'amount'],
        additionalProperties: false,
      },
      budget: isTight
        ? {
            toolCalls: 4,
            duration: 'PT1M',
            ...(this.talks ? { tokens: 40_000, costUsd: 1 } : { costUsd: 0.05 }),
          }
        : {
            toolCalls: 400,
            steps: 400,
            duration: 'PT5M',
            ...(this.talks ? { tokens: 200_000, costUsd: 20 } : {}),
          },
      ...(this.talks ? levelsOfRun(this.random) : {}),
      ...(this.#happens(0.2) ? shareOfAmount : {}),
      ...(this.#happens(0.15) ? { onExhausted: 'park' } : {}),
      steps,
    };
  }

  #happens(chance: number): boolean {
    return this.random() < chance;
  }

  #below(count: number): number {
    return Math.floor(this.random() * count);
  }

  #steps(place: Place, count: number): WrittenSteps {
    const steps: WrittenSteps = {};
    for (let at = 1; at <= count; at += 1) {
      const id = `${place.prefix}${at}`;
      const earlier = Object.keys(steps).filter((other) => !other.endsWith('else'));
      const needs = earlier.filter(() => this.#happens(0.45));
      const kind = this.#kind(place);
      const agents = [...place.agents, ...needs.filter((need) => isAgent(steps[need]))];
      const step = this.#step(kind, id, { ...place, agents });
      steps[id] = {
        ...(needs.length === 0 ? {} : { needs }),
        ...this.#condition(place),
        ...step,
        ...this.#rest(kind, step),
        ...this.#reads(agents, step),
      };
      if (this.#happens(0.3)) this.#onFailure(steps, id, place);
      if (this.talks && this.#happens(0.15)) this.#level(steps, id);
    }
    return steps;
  }

  #kind({ depth }: Place): Kind {
    const isFull = this.#calls >= CALLS_MAX;
    if (isFull) return oneOf(this.random, ['table', 'rest'] as const);
    if (depth < DEPTH_MAX && this.#happens(depth === 0 ? 0.5 : 0.3)) return oneOf(this.random, bodies);
    if (this.others.length > 0 && this.#times === 1 && this.#happens(0.12)) return 'child';
    const kind = this.talks ? oneOf(this.random, talking) : oneOf(this.random, leaves);
    if (kind !== 'ask' && kind !== 'signal' && kind !== 'form' && kind !== 'agent') return kind;
    this.#people += this.#times;
    return this.#people > (kind === 'agent' ? AGENTS_MAX : PEOPLE_MAX) ? 'rest' : kind;
  }

  #reads(agents: readonly string[], step: object): Record<string, unknown> {
    if (!this.talks || agents.length === 0 || this.#happens(0.5)) return {};
    return reading(this.random, oneOf(this.random, agents), 'tool' in step);
  }

  #level(steps: WrittenSteps, id: string): void {
    const step = steps[id] ?? {};
    const { onFailure } = step;
    const standsIn = typeof onFailure === 'object' && onFailure !== null;
    Object.assign(step, levelOfStep(this.random, standsIn));
  }

  /** Whether a step runs, over what it can see. */
  #condition({ items }: Place): { when?: string } {
    const item = items.at(-1);
    if (this.#happens(0.08)) return { when: 'input.amount > 100' };
    return item !== undefined && this.#happens(0.15) ? { when: `${item}.amount != 60` } : {};
  }

  #rest(kind: Kind, step: object): object {
    const isCall = 'tool' in step;
    return {
      ...(this.#happens(0.15) && kind !== 'table'
        ? { timeout: oneOf(this.random, ['4s', '12s', '25s']) }
        : {}),
      ...(isCall && this.#happens(0.04) ? { pivot: true } : {}),
    };
  }

  #onFailure(steps: WrittenSteps, id: string, place: Place): void {
    const way = this.#below(4);
    const value = isAgent(steps[id]) ? unsaid : { gave: 'nothing' };
    if (way === 0 || (way === 3 && isAgent(steps[id])))
      Object.assign(steps[id] ?? {}, { onFailure: { value } });
    else if (way === 1) Object.assign(steps[id] ?? {}, { onFailure: 'escalate' });
    else if (way === 2) Object.assign(steps[id] ?? {}, { onFailure: 'fail' });
    else {
      Object.assign(steps[id] ?? {}, { onFailure: { fallback: `${id}else` } });
      steps[`${id}else`] = this.#step(
        oneOf(this.random, ['look', 'keyed', 'table'] as const),
        `${id}else`,
        place,
      );
    }
  }

  #step(kind: Kind, id: string, place: Place): Record<string, unknown> {
    switch (kind) {
      case 'look':
      case 'rate':
        return { tool: `desk.${kind}`, with: this.#arguments(place), retry };
      case 'keyed':
      case 'checked':
      case 'manual':
        return { tool: `pay.${kind}`, with: this.#arguments(place) };
      case 'agent':
        this.#calls += this.#times;
        return agentStep(this.random, place.items.at(-1));
      case 'form':
        return formStep(this.random);
      case 'table':
        return { decide: { table: 'amounts@1', with: { amount: written('input.amount') } } };
      case 'rest':
        return { wait: { for: oneOf(this.random, ['1s', '3s']) } };
      case 'signal':
        return { wait: { signal: 'go', deadline: '8s' } };
      case 'ask':
        return { approval: { question: `Go on with ${order.id}?`, approvers: ['lead'], expires: '8s' } };
      case 'child':
        return {
          workflow: oneOf(this.random, this.others),
          with: order,
          ...(this.#happens(0.15) ? { detached: true } : {}),
        };
      default:
        return this.#bodied(kind, id, place);
    }
  }

  #arguments({ items }: Place): object {
    this.#calls += this.#times;
    const item = items.at(-1);
    const amounts = [written('input.amount'), 30, 30, 240, 450, 650];
    if (item !== undefined && this.#happens(0.6))
      return { id: written(`${item}.id`), amount: written(`${item}.amount`) };
    return { id: written('input.id'), amount: oneOf(this.random, amounts) };
  }

  #bodied(kind: (typeof bodies)[number], id: string, place: Place): Record<string, unknown> {
    switch (kind) {
      case 'forEach':
        return this.#forEach(id, place);
      case 'repeat':
        return this.#repeat(id, place);
      case 'switch':
        return this.#switch(id, place);
    }
  }

  #inside(times: number, place: Place): WrittenSteps {
    const before = this.#times;
    this.#times *= Math.max(1, times);
    const steps = this.#steps(place, 1 + this.#below(3));
    this.#times = before;
    return steps;
  }

  #forEach(id: string, place: Place) {
    const length = this.#times > 4 ? 1 + this.#below(2) : this.#below(5);
    const as = `item${place.items.length}`;
    const list = Array.from({ length }, (_, at) => ({
      id: `${written('input.id')}-${at}`,
      amount: oneOf(this.random, [20, 30, 60, 130, 310, 450, 640]),
    }));
    return {
      forEach: {
        in: list,
        as,
        concurrency: 1 + this.#below(3),
        ...(this.#happens(0.6) ? { failAfter: oneOf(this.random, [0, 1, 2, '50 %']) } : {}),
      },
      steps: this.#inside(length, {
        ...place,
        depth: place.depth + 1,
        prefix: `${id}x`,
        items: [...place.items, as],
      }),
      ...(this.#happens(0.4) ? { output: { of: written(`${as}.id`) } } : {}),
    };
  }

  /** Counts its passes in what each gives to the next, so that some come to their end and others are too many. */
  #repeat(id: string, place: Place) {
    const max = this.#times > 4 ? 2 : 1 + this.#below(4);
    const wanted = 1 + this.#below(max + 1);
    const passed = `(steps.${id}.output == null ? 0 : steps.${id}.output.passes) + 1`;
    return {
      repeat: {
        until: `${passed} >= ${wanted}`,
        max,
        ...(this.#happens(0.5) ? { every: '1s' } : {}),
      },
      steps: this.#inside(Math.min(max, wanted), { ...place, depth: place.depth + 1, prefix: `${id}x` }),
      output: { passes: written(passed) },
    };
  }

  #switch(id: string, place: Place) {
    const inside = (letter: string) => ({ ...place, depth: place.depth + 1, prefix: `${id}${letter}` });
    const item = place.items.at(-1);
    const when = item === undefined ? 'input.amount > 100' : `${item}.amount > 100`;
    const first = { when, steps: this.#inside(1, inside('x')) };
    return {
      switch: this.#happens(0.75)
        ? [first, { otherwise: true, steps: this.#inside(1, inside('y')) }]
        : [first],
    };
  }
}

const shareOfAmount: { output?: object } = { output: { share: written('10000 / (input.amount - 50)') } };

const isAgent = (step: object | undefined): boolean => step !== undefined && 'agent' in step;
