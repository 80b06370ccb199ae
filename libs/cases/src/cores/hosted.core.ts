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

/** What a host keeps of one run. */
export interface KeptRun {
  readonly key: string;
  state: unknown;
  seq: number;
  deferred: readonly TopicMessage[];
}

/** An input, and the run that it is for. */
export interface Given {
  readonly run: KeptRun;
  readonly input: Input;
}

/** A core and what its host keeps: the runs of a family, how far it has read, effects that run. */
export class HostedCore {
  readonly #runs = new Map<string, KeptRun>();
  readonly #read = new Map<string, number>();
  readonly #running = new Set<string>();
  readonly #results: { readonly key: string; readonly effectId: string; readonly result: unknown }[] = [];

  constructor(
    readonly core: Core,
    private readonly topics: ReadonlyMap<string, TopicLines>,
  ) {
    for (const topic of Object.keys(core.actor.inputs)) this.#read.set(topic, 0);
  }

  get hasResults(): boolean {
    return this.#results.length > 0;
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

  stateOf(key: string): unknown {
    return this.#runs.get(key)?.state;
  }

  /** Reads one line; undefined: it is not for this core. */
  read(topic: string): Given | undefined {
    const position = this.#read.get(topic) ?? 0;
    const line = this.topics.get(topic)?.lines[position];
    if (line === undefined) return undefined;
    this.#read.set(topic, position + 1);
    const key = this.#keyOf(line);
    if (key === undefined) return undefined;
    const { message, problem } = line;
    const input: Input =
      problem === undefined
        ? { kind: 'message', message }
        : { kind: 'poison', topic, type: `${message.type}/1`, meta: message.meta, problem };
    return { run: this.#runOf(key), input };
  }

  /** The next result of an effect. */
  takeResult(): Given | undefined {
    const ended = this.#results.shift();
    if (ended === undefined) return undefined;
    const { key, effectId, result } = ended;
    this.#running.delete(effectId);
    return { run: this.#runOf(key), input: { kind: 'result', effectId, result } };
  }

  /** The runs that want to be asked, and when, UTC ms. */
  dues(now: number): readonly { readonly run: KeptRun; readonly at: number }[] {
    return [...this.#runs.values()].flatMap((run) => {
      const at = this.core.actor.due?.(run.state, this.#context(run, now));
      return at === undefined ? [] : [{ run, at }];
    });
  }

  /** What follows from the input; a text: why a host would have set it aside. */
  decide({ run, input }: Given, now: number): Decision<Message, unknown> | string {
    const decision = this.#decided(run, input, now);
    if (typeof decision === 'string') return decision;
    const released = new Set(decision.release ?? []);
    const kept = run.deferred.filter((message) => !released.has(message));
    run.deferred = decision.defer === true && input.kind === 'message' ? [...kept, input.message] : kept;
    return decision;
  }

  /** Starts an effect of a run, unless it runs already. Its result is for that run, or for the one that the effect names. */
  async start(key: string, effect: Effect): Promise<void> {
    const { id, to = key } = effect;
    if (this.#running.has(id)) return;
    this.#running.add(id);
    await this.core.perform?.(effect, (result) => this.#results.push({ key: to, effectId: id, result }));
  }

  #runOf(key: string): KeptRun {
    const known = this.#runs.get(key);
    if (known !== undefined) return known;
    const run: KeptRun = { key, state: undefined, seq: 0, deferred: [] };
    this.#runs.set(key, run);
    return run;
  }

  #keyOf({ message, problem }: Line): string | undefined {
    const { actor } = this.core;
    if (actor.inputs[message.topic]?.has(message.type) !== true) return undefined;
    return problem === undefined ? actor.key(message) : message.meta.run;
  }

  #decided(run: KeptRun, input: Input, now: number): Decision<Message, unknown> | string {
    const { actor } = this.core;
    try {
      const decision = actor.decide(input, run.state, this.#context(run, now), run.key);
      const bytes = decision.events.reduce((sum, { data }) => sum + JSON.stringify(data).length, 0);
      if (decision.events.length <= EVENTS_MAX && bytes <= BYTES_MAX) return decision;
      return `${actor.name}: decision.too_large`;
    } catch (error) {
      return `${actor.name}: ${error instanceof Error ? (error.stack ?? error.message) : errorText(error)}`;
    }
  }

  #context({ deferred }: KeptRun, now: number) {
    return { now, deferred: [...deferred], isRunning: (id: string) => this.#running.has(id) };
  }
}
