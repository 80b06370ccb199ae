import type { Actor, Decision, Effect, Input, TopicMessage } from '@interlock/actors';
import { errorText, type Message, type TopicSpec } from '@interlock/contracts';
import type { Line, TopicLines } from './topic.lines.js';

/** Bounds of one decision, as hosts keep them. */
const EVENTS_MAX = 200;
const BYTES_MAX = 512 * 1_024;

/** Starts an effect; its result comes through `report`. */
export type Perform = (effect: Effect, report: (result: unknown) => void) => Promise<void>;

/** The core of a service: its actor, the topic that it writes, and what does its effects. */
export interface Core {
  readonly actor: Actor<unknown>;
  readonly topic: TopicSpec;
  /** Its events are numbered, from 1 without a gap. */
  readonly numbered: boolean;
  readonly perform?: Perform;
}

/** A core and what its host keeps for one run: state, deferred inputs, how far it has read, effects that run. */
export class HostedCore {
  state: unknown;
  seq = 0;
  readonly results: { readonly effectId: string; readonly result: unknown }[] = [];
  readonly #read = new Map<string, number>();
  readonly #running = new Set<string>();
  #deferred: readonly TopicMessage[] = [];

  constructor(
    readonly core: Core,
    readonly key: string,
    private readonly topics: ReadonlyMap<string, TopicLines>,
  ) {
    for (const topic of Object.keys(core.actor.inputs)) this.#read.set(topic, 0);
  }

  /** Topics with a line that this core may read now: it has passed what the line answers. */
  get readable(): readonly string[] {
    const runEventsRead = this.#read.get('run.events') ?? Number.POSITIVE_INFINITY;
    const writesRun = this.core.topic.name === 'run.events';
    return [...this.#read].flatMap(([topic, position]) => {
      const line = this.topics.get(topic)?.lines[position];
      const isCausal = writesRun || (line?.message.meta.ref ?? -1) < runEventsRead;
      return line !== undefined && isCausal ? [topic] : [];
    });
  }

  /** Reads one line; undefined: it is not for this core. */
  read(topic: string): Input | undefined {
    const position = this.#read.get(topic) ?? 0;
    const line = this.topics.get(topic)?.lines[position];
    if (line === undefined) return undefined;
    this.#read.set(topic, position + 1);
    if (!this.#isFor(line)) return undefined;
    const { message, problem } = line;
    if (problem === undefined) return { kind: 'message', message };
    return { kind: 'poison', topic, type: `${message.type}/1`, meta: message.meta, problem };
  }

  /** The next result of an effect, as an input. */
  takeResult(): Input | undefined {
    const ended = this.results.shift();
    if (ended === undefined) return undefined;
    this.#running.delete(ended.effectId);
    return { kind: 'result', ...ended };
  }

  /** When it next wants to be asked, UTC ms. */
  due(now: number): number | undefined {
    return this.core.actor.due?.(this.state, this.#context(now));
  }

  /** What follows from the input; a text: why a host would have set it aside. */
  decide(input: Input, now: number): Decision<Message, unknown> | string {
    const decision = this.#decided(input, now);
    if (typeof decision === 'string') return decision;
    const released = new Set(decision.release ?? []);
    const kept = this.#deferred.filter((message) => !released.has(message));
    this.#deferred = decision.defer === true && input.kind === 'message' ? [...kept, input.message] : kept;
    return decision;
  }

  /** False: it runs already. */
  starts({ id }: Effect): boolean {
    if (this.#running.has(id)) return false;
    this.#running.add(id);
    return true;
  }

  #isFor({ message, problem }: Line): boolean {
    const { actor } = this.core;
    if (actor.inputs[message.topic]?.has(message.type) !== true) return false;
    return problem !== undefined || actor.key(message) === this.key;
  }

  #decided(input: Input, now: number): Decision<Message, unknown> | string {
    const { actor } = this.core;
    try {
      const decision = actor.decide(input, this.state, this.#context(now), this.key);
      const bytes = decision.events.reduce((sum, { data }) => sum + JSON.stringify(data).length, 0);
      if (decision.events.length <= EVENTS_MAX && bytes <= BYTES_MAX) return decision;
      return `${actor.name}: decision.too_large`;
    } catch (error) {
      return `${actor.name}: ${error instanceof Error ? (error.stack ?? error.message) : errorText(error)}`;
    }
  }

  #context(now: number) {
    return { now, deferred: [...this.#deferred], isRunning: (id: string) => this.#running.has(id) };
  }
}
