import type { StoredRecord } from '@interlock/broker';
import { type Catalogue, catalogueOf, type ServiceName, type TopicSpec } from '@interlock/contracts';
import type { Actor, Effect, TopicMessage } from './actor.js';

/** A topic an actor reads, and the messages this release understands on it. */
export interface InputSpec {
  readonly topic: string;
  readonly kind: 'fenced' | 'plain';
  readonly catalogue: Catalogue;
  /** For a plain input that not only services write: verifies its messages. Absent: they are trusted. */
  readonly admit?: Admission;
}

/** Where a message stands, for whoever verifies what proves it. */
export interface Arrival {
  readonly message: TopicMessage;
  readonly record: StoredRecord;
  readonly partition: number;
  /** Aborted when the host lets go of the partition: nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** The message's data as its actor is to see it, or why it never does. */
export type Admitted =
  | { readonly data: unknown }
  | { readonly refused: { readonly code: string; readonly message: string } };

/**
 * Admits or refuses a message before its actor decides on it. Messages behind it wait, so the order of the input stands; many are verified at
 * once. It does not resolve while this cannot be decided. A rejection is a defect, and the message goes to quarantine.
 */
export type Admission = (arrival: Arrival) => Promise<Admitted>;

/** The input `topic` as this release understands it. */
export const inputFrom = (topic: TopicSpec): InputSpec => ({
  topic: topic.name,
  kind: topic.kind === 'fenced' ? 'fenced' : 'plain',
  catalogue: catalogueOf(topic),
});

/** What performing an effect may use. */
export interface Performing {
  /** Aborted when the actor stops the effect or the host lets go of the partition. */
  readonly signal: AbortSignal;
  /** Hands a result to the actor. May be called again for what only becomes known later. */
  result(value: unknown): void;
}

/** One kind of actor over one fenced log: what a service is made of. */
export interface HostSpec<State> {
  readonly service: ServiceName;
  /** The consumer group; absent: the service’s. A service that owns a second log has a second group. */
  readonly group?: string;
  /** Process name, for people. */
  readonly host: string;
  readonly topic: string;
  /** Events carry a seq and a hash chain per actor. */
  readonly numbered: boolean;
  readonly actor: Actor<State>;
  /** Every event of the own log, the host's own ones aside. */
  readonly events: Catalogue;
  readonly inputs: readonly InputSpec[];
  /** Does an effect's work. Resolves when nothing more will come; a rejection is a defect and is reported as one. */
  readonly perform?: (effect: Effect, performing: Performing) => Promise<void>;
  /** Passes on a result that came after this host let go of the partition. */
  readonly handOver?: (partition: number, key: string, effectId: string, result: unknown) => Promise<void>;
  /** Calls back whenever something that actors decide by, other than the inputs, has changed; returns a function that stops it. */
  readonly wakes?: (wake: () => void) => () => void;
  /** Services that read the own log; it is trimmed up to what all of them have read. Absent: it is kept for ever. */
  readonly readers?: readonly ServiceName[];
  /** Services whose commits say what the own log must still hold; those that hold its cut when absent. */
  readonly witnesses?: readonly ServiceName[];
  readonly limits: HostLimits;
}

export interface HostLimits {
  /** Inputs unanswered for this long are written into the own log, ms. */
  readonly deferMs: number;
  /** Positions that moved without an append are written after this long, ms. */
  readonly progressMs: number;
  /** How long a graceful stop waits for running effects, ms. */
  readonly drainMs: number;
  /** First wait before claiming again, ms; doubles up to 32 times this. */
  readonly claimBackoffMs: number;
  /** How often accepted positions are committed for the owners of the inputs, ms. */
  readonly commitMs: number;
  /** How often the own log is cut up to what everybody has read, ms. */
  readonly trimMs: number;
  /** A host claims anew after this long, ms: a log can only be cut in front of a claim. */
  readonly claimAnewMs: number;
  /** Records queued of one input before it is paused. */
  readonly queueMax: number;
}

export const defaultLimits: HostLimits = {
  deferMs: 5_000,
  progressMs: 5_000,
  drainMs: 10_000,
  claimBackoffMs: 50,
  commitMs: 5_000,
  trimMs: 60_000,
  claimAnewMs: 86_400_000,
  queueMax: 2_000,
};

/** What a host says about itself; nothing waits for it. */
export interface HostObserver {
  /** Something people should know: claims, doubts, stopped inputs, quarantined messages. */
  note(
    level: 'debug' | 'info' | 'warn' | 'error',
    what: string,
    facts: Readonly<Record<string, unknown>>,
  ): void;
  /** The partition cannot go on here. `fatal`: this process must end. */
  stopped(partition: number, error: unknown, fatal: boolean): void;
}
