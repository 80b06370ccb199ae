import type { Actor, Decision, Effect, Input, NewEvent, TopicMessage } from '@interlock/actors';
import { BrokenMessageError, catalogueOf, type Message, type TopicSpec } from '@interlock/contracts';

/** Bounds of one decision, as hosts keep them. */
const EVENTS_MAX = 200;
const BYTES_MAX = 512 * 1_024;

/** Starts an effect; its result comes through `report`. */
export type Perform = (effect: Effect, report: (result: unknown) => void) => Promise<void>;

/** A service: its core, the topic it writes, and what does its effects. */
export interface Service {
  readonly actor: Actor<never>;
  readonly topic: TopicSpec;
  readonly numbered: boolean;
  readonly perform?: Perform;
}

interface Kept {
  readonly service: Service;
  state: never | undefined;
  deferred: TopicMessage[];
  seq: number;
  readonly read: Map<string, number>;
  readonly running: Set<string>;
  readonly results: { effectId: string; result: unknown }[];
}

interface Topic {
  readonly catalogue: ReturnType<typeof catalogueOf>;
  readonly lines: Line[];
  readonly messages: TopicMessage[];
}

interface Line {
  readonly message: TopicMessage;
  /** Why nobody can read it. */
  readonly problem?: string;
}

/**
 * One run of one family with the cores of its services and a log in memory: whoever has something to read is let read it, in an order that
 * the seed says, and time passes when nobody has. No message overtakes what it answers.
 */
export class CoreBus {
  now = 1_767_225_600_000;
  /** What a host would have set aside: decisions that are too large or that throw. */
  readonly refused: string[] = [];
  readonly #kept: Kept[];
  readonly #topics: ReadonlyMap<string, Topic>;
  #decisions = 0;

  constructor(
    readonly runId: string,
    services: readonly Service[],
    topics: readonly TopicSpec[],
    readonly random: () => number,
  ) {
    this.#topics = new Map(
      topics.map((spec) => [spec.name, { catalogue: catalogueOf(spec), lines: [], messages: [] }]),
    );
    this.#kept = services.map((service) => ({
      service,
      state: undefined,
      deferred: [],
      seq: 0,
      read: new Map(Object.keys(service.actor.inputs).map((topic) => [topic, 0])),
      running: new Set(),
      results: [],
    }));
  }

  /** Messages of a topic, in order. */
  log(topic: string): readonly TopicMessage[] {
    return this.#topics.get(topic)!.messages;
  }

  /** Writes what somebody outside says, as bytes: whether it is what its contract says is for readers to see. */
  say(
    topic: string,
    { type, data, ref }: NewEvent,
    place: { id?: string; seq?: number; cause?: string } = {},
  ): void {
    const { catalogue, lines, messages } = this.#topics.get(topic)!;
    const bytes = Buffer.from(JSON.stringify(data));
    const { id = `${topic}/${lines.length}`, seq, cause } = place;
    const meta = { id, run: this.runId, seq, epoch: 1, index: lines.length, time: this.now, cause, ref };
    const at = { topic, offset: lines.length, key: this.runId, type, meta } as Omit<TopicMessage, 'data'>;
    try {
      const parsed = catalogue.parse(catalogue.wireOf(type) ?? `${type}/1`, bytes) as Message;
      lines.push({ message: { ...at, data: parsed.data } });
    } catch (error) {
      if (!(error instanceof BrokenMessageError)) throw error;
      lines.push({ message: { ...at, data: undefined }, problem: error.message });
    }
    messages.push(lines.at(-1)!.message);
  }

  /** Lets one of them read one message, or time pass; false: nobody waits for anything. */
  async step(): Promise<boolean> {
    const ready = this.#kept.filter((kept) => kept.results.length > 0 || this.#next(kept) !== undefined);
    const kept = ready[Math.floor(this.random() * ready.length)];
    if (kept === undefined) return this.#pass();
    const ended = kept.results.shift();
    if (ended !== undefined) {
      kept.running.delete(ended.effectId);
      await this.#decide(kept, { kind: 'result', ...ended });
      return true;
    }
    const { line, topic } = this.#next(kept)!;
    kept.read.set(topic, line.message.offset + 1);
    if (!this.#isFor(kept, line)) return true;
    const { meta, type } = line.message;
    await this.#decide(
      kept,
      line.problem === undefined
        ? { kind: 'message', message: line.message }
        : { kind: 'poison', topic, type: `${type}/1`, meta, problem: line.problem },
    );
    return true;
  }

  #lines(topic: string): Line[] {
    return this.#topics.get(topic)!.lines;
  }

  #isFor({ service: { actor } }: Kept, { message, problem }: Line): boolean {
    if (!actor.inputs[message.topic]!.has(message.type)) return false;
    return problem !== undefined || actor.key(message) === this.runId;
  }

  /** Of a topic that has something whose cause this reader has passed. */
  #next({ service, read }: Kept): { line: Line; topic: string } | undefined {
    const runEventsRead = read.get('run.events') ?? Number.POSITIVE_INFINITY;
    const open = [...read].flatMap(([topic, position]) => {
      const line = this.#lines(topic)[position];
      const isCausal = (line?.message.meta.ref ?? -1) < runEventsRead || service.topic.name === 'run.events';
      return line !== undefined && isCausal ? [{ line, topic }] : [];
    });
    return open[Math.floor(this.random() * open.length)];
  }

  async #pass(): Promise<boolean> {
    const dues = this.#kept.flatMap((kept) => {
      const at = kept.service.actor.due?.(kept.state, this.#context(kept));
      return at === undefined ? [] : [{ kept, at }];
    });
    if (dues.length === 0) return false;
    const first = Math.min(...dues.map(({ at }) => at));
    this.now = Math.max(this.now, first);
    for (const { kept } of dues.filter(({ at }) => at <= this.now)) await this.#decide(kept, { kind: 'due' });
    return true;
  }

  #context({ deferred, running }: Kept) {
    return { now: this.now, deferred: [...deferred], isRunning: (id: string) => running.has(id) };
  }

  async #decide(kept: Kept, input: Input): Promise<void> {
    const decision = this.#decided(kept, input);
    if (decision === undefined) return;
    const released = new Set(decision.release ?? []);
    kept.deferred = kept.deferred.filter((message) => !released.has(message));
    if (decision.defer === true && input.kind === 'message') kept.deferred.push(input.message);
    this.#decisions += 1;
    for (const effect of decision.start ?? []) await this.#start(kept, effect);
    for (const event of decision.events) await this.#accept(kept, event);
  }

  /** Undefined: the host would set its input aside, and nothing of it remains. */
  #decided(kept: Kept, input: Input): Decision | undefined {
    const { actor } = kept.service;
    try {
      const decision = actor.decide(input, kept.state, this.#context(kept), this.runId);
      const bytes = decision.events.reduce((sum, { data }) => sum + JSON.stringify(data).length, 0);
      if (decision.events.length <= EVENTS_MAX && bytes <= BYTES_MAX) return decision;
      this.refused.push(`${actor.name}: decision.too_large`);
    } catch (error) {
      this.refused.push(`${actor.name}: ${error instanceof Error ? error.stack : String(error)}`);
    }
    return undefined;
  }

  async #accept(kept: Kept, event: NewEvent): Promise<void> {
    const { topic, numbered, actor } = kept.service;
    if (numbered) kept.seq += 1;
    const { seq } = kept;
    const id = numbered ? `${this.runId}/${seq}` : '';
    const place = numbered ? { id, seq } : {};
    this.say(topic.name, event, { ...place, cause: `d${this.#decisions}` });
    const { message, problem } = this.#lines(topic.name).at(-1)!;
    if (problem !== undefined) throw new Error(`${actor.name} wrote what breaks its contract: ${problem}`);
    const recorded = { type: event.type, data: message.data, id, seq, time: this.now };
    kept.state = actor.evolve(kept.state, recorded, this.runId);
    for (const effect of actor.effects?.(recorded, kept.state) ?? []) await this.#start(kept, effect);
  }

  async #start({ running, results, service }: Kept, effect: Effect): Promise<void> {
    if (running.has(effect.id)) return;
    running.add(effect.id);
    await service.perform?.(effect, (result) => results.push({ effectId: effect.id, result }));
  }
}
