import { type Effect, Heap, type Input, type NewEvent, type TopicMessage } from '@interlock/actors';
import type { TopicSpec } from '@interlock/contracts';
import type { Meta } from '@interlock/log';
import { type Core, HostedCore } from './hosted.core.js';
import { type Line, TopicLines } from './topic.lines.js';

/** Something from outside, and when it happens. */
interface Task {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export interface BusOptions {
  /** UTC ms */
  readonly startsAt: number;
  /** Who reads next where several can: a number from 0 to below 1. */
  readonly random: () => number;
}

const isBefore = (a: Task, b: Task): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/**
 * One run with the cores of its services and a log in memory, without a host or a broker: whoever has something to read is let read it, and
 * time passes when nobody has. No message overtakes what it answers.
 */
export class CoreBus {
  now: number;
  /** What a host would have set aside: decisions that are too large or that throw. */
  readonly refused: string[] = [];
  readonly #random: () => number;
  readonly #topics: ReadonlyMap<string, TopicLines>;
  readonly #cores: readonly HostedCore[];
  readonly #tasks = new Heap<Task>(isBefore);
  #planned = 0;
  #decisions = 0;

  constructor(
    readonly runId: string,
    cores: readonly Core[],
    topics: readonly TopicSpec[],
    { startsAt, random }: BusOptions,
  ) {
    this.now = startsAt;
    this.#random = random;
    const lines = new Map(topics.map((spec) => [spec.name, new TopicLines(spec, runId)]));
    this.#topics = lines;
    this.#cores = cores.map((core) => new HostedCore(core, runId, lines));
  }

  get decisions(): number {
    return this.#decisions;
  }

  /** Messages of a topic, in order. */
  log(topic: string): readonly TopicMessage[] {
    return this.#topic(topic).messages;
  }

  /** What the core that writes a topic has folded so far. */
  stateOf(topic: string): unknown {
    return this.#cores.find(({ core }) => core.topic.name === topic)?.state;
  }

  /** Writes what somebody outside says, as bytes: whether it is what its contract says is for readers to see. */
  say(topic: string, event: NewEvent, meta: Partial<Meta> = {}): Line {
    return this.#topic(topic).append(event, this.now, meta);
  }

  /** Something happens outside once so much time has passed. */
  after(delayMs: number, run: () => void): void {
    this.#planned += 1;
    this.#tasks.push({ at: this.now + Math.max(0, delayMs), order: this.#planned, run });
  }

  /** The next instant at which something happens by itself, UTC ms. */
  get nextAt(): number | undefined {
    const dues = this.#cores.flatMap((hosted) => hosted.due(this.now) ?? []);
    const instants = [...dues, ...[this.#tasks.first()?.at ?? []].flat()];
    return instants.length === 0 ? undefined : Math.max(this.now, Math.min(...instants));
  }

  /** Lets one of them read one message, or time pass, at most until `until`; false: nobody waits for anything. */
  async step(until = Number.POSITIVE_INFINITY): Promise<boolean> {
    const ready = this.#cores.filter(({ results, readable }) => results.length > 0 || readable.length > 0);
    const hosted = this.#oneOf(ready);
    if (hosted === undefined) return this.#pass(until);
    const input = hosted.takeResult() ?? hosted.read(this.#oneOf(hosted.readable) ?? '');
    if (input !== undefined) await this.#decide(hosted, input);
    return true;
  }

  async #pass(until: number): Promise<boolean> {
    const at = this.nextAt;
    if (at === undefined || at > until) return false;
    this.now = at;
    const task = this.#tasks.first();
    if (task !== undefined && task.at <= at) {
      this.#tasks.pop();
      task.run();
      return true;
    }
    for (const hosted of this.#cores) {
      const due = hosted.due(at);
      if (due !== undefined && due <= at) await this.#decide(hosted, { kind: 'due' });
    }
    return true;
  }

  async #decide(hosted: HostedCore, input: Input): Promise<void> {
    const decision = hosted.decide(input, this.now);
    if (typeof decision === 'string') {
      this.refused.push(decision);
      return;
    }
    this.#decisions += 1;
    for (const effect of decision.start ?? []) await this.#start(hosted, effect);
    for (const event of decision.events) await this.#accept(hosted, event);
  }

  async #accept(hosted: HostedCore, event: NewEvent): Promise<void> {
    const { core } = hosted;
    if (core.numbered) hosted.seq += 1;
    const { seq } = hosted;
    const id = core.numbered ? `${this.runId}/${seq}` : '';
    const { message, problem } = this.say(core.topic.name, event, {
      cause: `d${this.#decisions}`,
      ...(core.numbered && { id, seq }),
    });
    if (problem !== undefined)
      throw new Error(`${core.actor.name} wrote what breaks its contract: ${problem}`);
    const recorded = { type: message.type, data: message.data, id, seq, time: this.now };
    hosted.state = core.actor.evolve(hosted.state, recorded, this.runId);
    for (const effect of core.actor.effects?.(recorded, hosted.state) ?? [])
      await this.#start(hosted, effect);
  }

  async #start(hosted: HostedCore, effect: Effect): Promise<void> {
    if (!hosted.starts(effect)) return;
    await hosted.core.perform?.(effect, (result) => hosted.results.push({ effectId: effect.id, result }));
  }

  #topic(name: string): TopicLines {
    const topic = this.#topics.get(name);
    if (topic === undefined) throw new Error(`there is no topic ${name} here`);
    return topic;
  }

  #oneOf<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.#random() * list.length)];
  }
}
