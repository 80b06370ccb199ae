import type { Message } from '@interlock/contracts';
import type { MessagePlace, Meta } from '@interlock/log';
import type { Fault } from './fault.js';

/** Where a message stands in its topic. */
interface Delivery extends MessagePlace {
  readonly topic: string;
  /** Key of its record: the root run. */
  readonly key: string;
  readonly meta: Meta;
}

/**
 * A message of an input topic that the reader's rule has accepted and the contract has passed. `type` determines the
 * type of `data`: the catalogue of the topic has checked one against the other.
 */
export type TopicMessage<Messages extends Message = Message> = Messages & Delivery;

/** Everything that can make an actor decide. */
export type Input<Messages extends Message = Message, Result = unknown> =
  | { readonly kind: 'message'; readonly message: TopicMessage<Messages> }
  /** A time that the actor declared is due, and every input has been read up to its end at that instant. */
  | { readonly kind: 'due' }
  /** An effect has ended. It is given again after each doubt, until an append that follows from it is accepted. */
  | { readonly kind: 'result'; readonly effectId: string; readonly result: Result }
  /** The partition has just been taken over and all inputs were read: given to actors with state or deferred inputs. */
  | { readonly kind: 'recovered' }
  /** A message for this actor broke its contract and is quarantined. */
  | {
      readonly kind: 'poison';
      readonly topic: string;
      readonly type: string;
      readonly meta: Meta;
      readonly problem: string;
    };

/** Work outside the core. `id` is unique among the effects of a partition; a second start with a running id is ignored. */
export interface Effect {
  readonly id: string;
  readonly kind: string;
  readonly data: unknown;
  /** Key of the actor of the same partition that its result is for. Absent: the one that asked for it. */
  readonly to?: string;
  /** It only reads, and brings one result: behind that it may start again, whether or not what it brought is recorded. */
  readonly isRepeatable?: true;
}

/** An event as a decision proposes it. */
export type NewEvent<Events extends Message = Message> = Events & {
  /** Offset in `run.events` that it answers, where readers must have passed that before they read this. */
  readonly ref?: number;
};

/** What `evolve` makes of the events that a decision proposes, where deciding has worked it out. */
export interface Folded<State> {
  /** The state that was decided on. */
  readonly before: State | undefined;
  readonly events: readonly NewEvent[];
  readonly after: State | undefined;
}

export interface Decision<Events extends Message = Message, State = never> {
  readonly events: readonly NewEvent<Events>[];
  /** So that a host which gave that state folds these very events no second time. */
  readonly folded?: Folded<State>;
  /** Defer the input: it is not dealt with yet, and comes back in `deferred`, on another host too. */
  readonly defer?: boolean;
  /** Deferred inputs that are dealt with now. */
  readonly release?: readonly TopicMessage[];
  /**
   * Effects to start without an event of their own, for work that may be repeated: at once, or, if its result is for another actor,
   * when everything decided so far is accepted, as that one is told of it.
   */
  readonly start?: readonly Effect[];
  /** Effects to cancel. Their results still come. */
  readonly stop?: readonly string[];
  /** The input cannot be handled: it goes to quarantine with this cause once the append that passes it is accepted. */
  readonly quarantine?: { readonly code: string; readonly message: string };
}

export const nothing: Decision<never> = { events: [] };

/** Another actor of the partition. */
export interface Kin<State = unknown> {
  readonly key: string;
  readonly state: State;
}

/** What an actor may know besides its state and input. */
export interface Context<Messages extends Message = Message, State = unknown> {
  /** UTC ms; never before the actor's last event. */
  readonly now: number;
  /** Deferred inputs of this actor, oldest first. */
  readonly deferred: readonly TopicMessage<Messages>[];
  /** False until every input was read to where it ended at the claim; `recovered` is given then. Absent: true. */
  readonly caughtUp?: boolean;
  /** Whether this process still runs the effect or holds its result. */
  isRunning(effectId: string): boolean;
  /**
   * The other actors whose records have the key of this one's, as decided so far: what is decided on them stands in the log behind what they
   * were decided by. Absent: there is none.
   */
  kin?(): readonly Kin<State>[];
}

/** An event of the actor's own log as `evolve` sees it. */
export type RecordedEvent<Events extends Message = Message> = Events & {
  readonly id: string;
  /** From 1 without a gap in numbered logs, 0 elsewhere. */
  readonly seq: number;
  /** UTC ms */
  readonly time: number;
};

/**
 * A pure actor for one key: it reads no clock, draws no random number, does no I/O and keeps nothing between two calls. Its answers depend
 * only on its arguments, and on the artifacts and stops that its process has read.
 *
 * `decide` says what follows from an input, `evolve` what the state is once an event has happened. `undefined` is the state of an
 * actor that does not exist; `evolve` may answer with it to be forgotten.
 *
 * `Messages` are the messages of its inputs, `Events` those of its own log, `Result` is what its effects end with. A host hands it
 * nothing else: the catalogues of the topics have checked every message, and types not listed in `inputs` are
 * skipped.
 */
export interface Actor<
  State,
  Messages extends Message = Message,
  Events extends Message = Message,
  Result = unknown,
> {
  readonly name: string;
  /** Event types of each input topic it wants to see. Others are passed over. */
  readonly inputs: Readonly<Record<string, ReadonlySet<Messages['type']>>>;
  /** A first look at the bytes of a wanted type on a fenced input; false: passed over without being parsed. */
  readonly prefilter?: (type: string, value: Uint8Array) => boolean;
  /** The key of the actor that the message is for; undefined: none here. */
  key(message: TopicMessage<Messages>): string | undefined;
  decide(
    input: Input<Messages, Result>,
    state: State | undefined,
    context: Context<Messages, State>,
    key: string,
  ): Decision<Events, State>;
  /**
   * What is said when `decide` has thrown on `input`, or decided more than the log takes. It names ids and what the state holds of them,
   * and neither what the input says nor what was thrown, so that nothing of it can fail. Whoever waits for an answer gets one, or is
   * told what the run waits for. A message is quarantined by the append that says it.
   */
  answerFault(
    fault: Fault,
    input: Input<Messages, Result>,
    state: State | undefined,
    context: Context<Messages>,
    key: string,
  ): Decision<Events, State>;
  evolve(state: State | undefined, event: RecordedEvent<Events>, key: string): State | undefined;
  /** What to do in the world once `event` is accepted. */
  effects?(event: RecordedEvent<Events>, state: State | undefined): readonly Effect[];
  /** When its next `due` input is due, UTC ms. Derived from state and deferred inputs, so a change of host loses no timer. */
  due?(state: State | undefined, context: Omit<Context<Messages>, 'now'>): number | undefined;
  /** Nothing is due or in flight any more: it needs no `recovered` input. */
  isOver?(state: State): boolean;
}
