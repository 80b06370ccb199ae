import assert from 'node:assert/strict';
import type {
  Actor,
  Context,
  Decision,
  Input,
  Kin,
  NewEvent,
  RecordedEvent,
  TopicMessage,
} from '@interlock/actors';
import type { Message } from '@interlock/contracts';

export interface SpecificationOptions {
  /** Key of the actor: the run. */
  readonly key: string;
  /** UTC ms at which the scenario starts. */
  readonly startsAt?: number;
  /** The other actors whose records have its key. Absent: none. */
  kin?(): readonly Kin[];
}

/** A message as an input topic delivers it. */
export function delivered<Said extends Message>(
  topic: string,
  said: Said,
  meta: Partial<TopicMessage['meta']> = {},
): Extract<Input<Said>, { kind: 'message' }> {
  const full = { id: '', epoch: 0, index: 0, time: 0, ...meta };
  return {
    kind: 'message',
    message: { ...said, topic, offset: 0, part: 0, key: full.run ?? '', meta: full },
  };
}

export const due: Input = { kind: 'due' };

/**
 * Plays a scenario with one actor: given these events, when this input arrives, then these events follow. Every `when` is
 * one decision, folded before the next; the `then` sentences speak about the last one.
 */
export function specification<State>(
  actor: Actor<State>,
  { key, startsAt = 0, kin = () => [] }: SpecificationOptions,
) {
  return {
    given: (...events: Message[]): Scenario<State> =>
      Scenario.after(actor, key, startsAt, events, kin as () => readonly Kin<State>[]),
  };
}

export class Scenario<State> {
  readonly events: RecordedEvent[] = [];
  state: State | undefined;
  #deferred: TopicMessage[] = [];
  #decision: Decision<Message, State> = { events: [] };

  private constructor(
    readonly actor: Actor<State>,
    readonly key: string,
    public now: number,
    private readonly kin: () => readonly Kin<State>[],
  ) {}

  static after<S>(
    actor: Actor<S>,
    key: string,
    now: number,
    events: readonly Message[],
    kin: () => readonly Kin<S>[],
  ): Scenario<S> {
    const scenario = new Scenario(actor, key, now, kin);
    scenario.#fold(events);
    return scenario;
  }

  /** Lets time pass. */
  after(ms: number): this {
    this.now += ms;
    return this;
  }

  when(...inputs: Input[]): this {
    for (const input of inputs) this.#decide(input);
    return this;
  }

  /** The decision on this input breaks: the actor says what it says then. */
  whenBroken(input: Input): this {
    this.#decide(input, (context) =>
      this.actor.answerFault(
        { code: 'decision.threw', message: 'planted' },
        input,
        this.state,
        context,
        this.key,
      ),
    );
    return this;
  }

  /** Lets time pass until the actor wants to be asked, and asks it. */
  whenDue(): this {
    const at = this.due;
    assert.ok(at !== undefined, 'the actor waits for no instant');
    this.now = Math.max(this.now, at);
    return this.when(due);
  }

  get due(): number | undefined {
    return this.actor.due?.(this.state, { deferred: this.#deferred, isRunning: () => false });
  }

  get decision(): Decision<Message, State> {
    return this.#decision;
  }

  /** Exactly these events, in this order; fields that are not given may be anything. */
  thenEvents(...expected: { readonly type: string; readonly data?: unknown }[]): this {
    this.thenTypes(...expected.map(({ type }) => type));
    for (const [index, { data }] of expected.entries()) {
      if (data !== undefined) assert.partialDeepStrictEqual(this.#decision.events[index]?.data, data);
    }
    return this;
  }

  thenTypes(...types: string[]): this {
    assert.deepEqual(
      this.#decision.events.map(({ type }) => type),
      types,
    );
    return this;
  }

  thenNothing(): this {
    this.thenTypes();
    assert.equal(this.#decision.quarantine, undefined);
    assert.notEqual(this.#decision.defer, true);
    return this;
  }

  thenDeferred(): this {
    this.thenTypes();
    assert.equal(this.#decision.defer, true);
    return this;
  }

  thenQuarantined(code: string): this {
    this.thenTypes();
    assert.equal(this.#decision.quarantine?.code, code);
    return this;
  }

  thenDue(at: number | undefined): this {
    assert.equal(this.due, at);
    return this;
  }

  /** Looks at the state and whatever else there is to see. */
  thenSee(look: (state: State, scenario: this) => void): this {
    assert.ok(this.state !== undefined, 'the actor does not exist');
    look(this.state, this);
    return this;
  }

  last(type: string): RecordedEvent {
    const event = this.events.findLast((candidate) => candidate.type === type);
    assert.ok(event !== undefined, `no ${type} yet`);
    return event;
  }

  #decide(input: Input, decide = this.#decideWith(input)): void {
    const { now, kin } = this;
    this.#decision = decide({ now, deferred: [...this.#deferred], isRunning: () => false, kin });
    const released = new Set(this.#decision.release ?? []);
    this.#deferred = this.#deferred.filter((message) => !released.has(message));
    if (this.#decision.defer === true && input.kind === 'message') this.#deferred.push(input.message);
    const before = this.state;
    const { events, folded } = this.#decision;
    this.#fold(events);
    if (folded?.before === before && folded?.events === events)
      assert.deepEqual(folded.after, this.state, 'the decision has folded its events to another state');
  }

  #decideWith(input: Input): (context: Context<Message, State>) => Decision<Message, State> {
    return (context) => this.actor.decide(input, this.state, context, this.key);
  }

  #fold(events: readonly NewEvent[]): void {
    for (const { type, data } of events) {
      const seq = this.events.length + 1;
      const event = { type, data, id: `${this.key}/${seq}`, seq, time: this.now };
      this.events.push(event);
      this.state = this.actor.evolve(this.state, event, this.key);
    }
  }
}
