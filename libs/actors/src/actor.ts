import type { Message } from '@interlock/contracts';
import type { Meta } from '@interlock/log';
import type { Fault } from './fault.js';

/** A message of an input topic that the reader's rule has accepted and the contract has passed. */
export interface TopicMessage {
  readonly topic: string;
  readonly offset: number;
  /** Key of its record: the root run. */
  readonly key: string;
  readonly type: string;
  readonly data: unknown;
  readonly meta: Meta;
}

/** Everything that can make an actor decide. */
export type Input =
  | { readonly kind: 'message'; readonly message: TopicMessage }
  /** Something the actor declared due is due, and every input lies read up to where it was at that instant. */
  | { readonly kind: 'due' }
  /** An effect has ended. Given again after a doubt until an append that follows from it is accepted. */
  | { readonly kind: 'result'; readonly effectId: string; readonly result: unknown }
  /** The partition has just been taken over and all inputs were read: given to actors with state or held inputs. */
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
}

/** An event as a decision proposes it. */
export interface NewEvent extends Message {
  /** Offset in `run.events` that it answers, where readers must have passed that before they read this. */
  readonly ref?: number;
}

export interface Decision {
  readonly events: readonly NewEvent[];
  /** Keep the input: it is not dealt with yet, and comes back in `held`, also on another host. */
  readonly hold?: boolean;
  /** Held inputs that are dealt with now. */
  readonly release?: readonly TopicMessage[];
  /** Started at once, without an event of their own: for work that may be repeated. */
  readonly start?: readonly Effect[];
  /** Effects to cancel. Their results still come. */
  readonly stop?: readonly string[];
  /** The input cannot be handled: it goes to quarantine with this cause once the append that passes it is accepted. */
  readonly quarantine?: { readonly code: string; readonly message: string };
}

export const nothing: Decision = { events: [] };

/** What an actor may know besides its state and input. */
export interface Context {
  /** UTC ms; never before the actor's last event. */
  readonly now: number;
  /** Inputs of this actor that it has kept, oldest first. */
  readonly held: readonly TopicMessage[];
  /** False until every input was read to where it ended at the claim; `recovered` is given then. Absent: true. */
  readonly caughtUp?: boolean;
  /** Whether this process still runs the effect or holds its result. */
  isRunning(effectId: string): boolean;
}

/** An event of the actor's own log as `evolve` sees it. */
export interface RecordedEvent extends Message {
  readonly id: string;
  /** From 1 without a gap in numbered logs, 0 elsewhere. */
  readonly seq: number;
  /** UTC ms */
  readonly time: number;
}

/**
 * A pure actor for one key: it reads no clock, draws no random number and does no I/O.
 *
 * `decide` says what follows from an input, `evolve` what the state is once an event has happened. `undefined` is the state of an
 * actor that does not exist; `evolve` may answer with it to be forgotten.
 */
export interface Actor<State> {
  readonly name: string;
  /** Event types of each input topic it wants to see. Others are passed over. */
  readonly inputs: Readonly<Record<string, ReadonlySet<string>>>;
  /** A first look at the bytes of a wanted type on a fenced input; false: passed over without being parsed. */
  readonly skim?: (type: string, value: Uint8Array) => boolean;
  /** Whose message it is; undefined: nobody's here. */
  key(message: TopicMessage): string | undefined;
  decide(input: Input, state: State | undefined, context: Context, key: string): Decision;
  /**
   * What is said when `decide` has thrown on `input`, or decided more than the log takes. It names ids and what the state holds of them,
   * and neither what the input says nor what was thrown, so that nothing of it can fail. Whoever waits for an answer gets one, or is
   * told what the run waits for. A message is quarantined by the append that says it.
   */
  answerFault(fault: Fault, input: Input, state: State | undefined, context: Context, key: string): Decision;
  evolve(state: State | undefined, event: RecordedEvent, key: string): State | undefined;
  /** What to do in the world once `event` is accepted. */
  effects?(event: RecordedEvent, state: State | undefined): readonly Effect[];
  /** When it wants a `due` input next, UTC ms. Derived from state and held inputs, so a change of host loses no timer. */
  due?(state: State | undefined, context: Omit<Context, 'now'>): number | undefined;
  /** Nothing is due or in flight any more: it need not be told of a recovery. */
  isOver?(state: State): boolean;
}
