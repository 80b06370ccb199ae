import { Heap, type NewEvent, type TopicMessage } from '@interlock/actors';
import type { TopicSpec } from '@interlock/contracts';
import type { Meta } from '@interlock/log';
import { type Core, type Given, HostedCore, type KeptRun } from './hosted.core.js';
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
 * One run and those that it starts, with the cores of their services and a log in memory, without a host or a broker: whoever has something to read is let read it, and
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
    this.#cores = cores.map((core) => new HostedCore(core, lines));
  }

  get decisions(): number {
    return this.#decisions;
  }

  /** Messages of a topic, in order. */
  log(topic: string): readonly TopicMessage[] {
    return this.#topic(topic).messages;
  }

  /** What the core that writes a topic has folded so far. */
  stateOf(topic: string, runId = this.runId): unknown {
    return this.#cores.find(({ core }) => core.topic.name === topic)?.stateOf(runId);
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
    const dues = this.#cores.flatMap((hosted) => hosted.dues(this.now).map(({ at }) => at));
    const instants = [...dues, ...[this.#tasks.first()?.at ?? []].flat()];
    return instants.length === 0 ? undefined : Math.max(this.now, Math.min(...instants));
  }

  /** Lets one of them read one message, or time pass, at most until `until`; false: nobody waits for anything. */
  async step(until = Number.POSITIVE_INFINITY): Promise<boolean> {
    const ready = this.#cores.filter(({ hasResults, readable }) => hasResults || readable.length > 0);
    const hosted = this.#oneOf(ready);
    if (hosted === undefined) return this.#pass(until);
    const given = hosted.takeResult() ?? hosted.read(this.#oneOf(hosted.readable) ?? '');
    if (given !== undefined) await this.#decide(hosted, given);
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
      const due = hosted.dues(at).filter((one) => one.at <= at);
      for (const { run } of due) await this.#decide(hosted, { run, input: { kind: 'due' } });
    }
    return true;
  }

  async #decide(hosted: HostedCore, given: Given): Promise<void> {
    const decision = hosted.decide(given, this.now);
    if (typeof decision === 'string') {
      this.refused.push(decision);
      return;
    }
    this.#decisions += 1;
    const { start = [], events } = decision;
    const { key } = given.run;
    for (const effect of start) if (effect.to === undefined) await hosted.start(key, effect);
    for (const event of events) await this.#accept(hosted, given.run, event);
    // Another run is told of what is accepted.
    for (const effect of start) if (effect.to !== undefined) await hosted.start(key, effect);
  }

  async #accept(hosted: HostedCore, run: KeptRun, event: NewEvent): Promise<void> {
    const { core } = hosted;
    const { key } = run;
    if (core.numbered) run.seq += 1;
    const { seq } = run;
    const id = core.numbered ? `${key}/${seq}` : '';
    const { message, problem } = this.say(core.topic.name, event, {
      run: key,
      cause: `d${this.#decisions}`,
      ...(core.numbered && { id, seq }),
    });
    if (problem !== undefined)
      throw new Error(`${core.actor.name} wrote what breaks its contract: ${problem}`);
    const recorded = { type: message.type, data: message.data, id, seq, time: this.now };
    run.state = core.actor.evolve(run.state, recorded, key);
    for (const effect of core.actor.effects?.(recorded, run.state) ?? []) await hosted.start(key, effect);
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
