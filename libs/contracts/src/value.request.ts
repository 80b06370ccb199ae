import type { CodeOf } from './errors/index.js';
import type { StoredValue } from './stored.value.js';

/*
 * What an actor asks of the store, and is answered. The answer is in no log: the hash in the log says what it has to be, so whoever decides
 * again on the same events decides the same.
 */

/**
 * Whoever has kept a value names it within this time, or not at all, ms. What nobody has named long after it is garbage: the sweep waits for
 * this and for the life of a handover together.
 */
export const NAMED_WITHIN_MS = 43_200_000;

/** Kind of the effects that ask for values. */
export const VALUE = 'value';

export interface ValueRequest {
  /** The root run, under which its values and those of its children lie. */
  readonly family: string;
  readonly load: readonly StoredValue[];
  /** To be made durable, so that an event may name it. */
  readonly keep?: { readonly stored: StoredValue; readonly value: unknown };
}

export interface ValueAnswer {
  readonly kind: 'value';
  /** By their hashes: what was loaded, and what was kept. */
  readonly values: ReadonlyMap<string, unknown>;
  readonly kept?: StoredValue;
  /** When the store said so, UTC ms. */
  readonly keptAt?: number;
  /** The first that could not be had or kept, and why. */
  readonly failed?: {
    readonly stored: StoredValue;
    readonly code: CodeOf<'value'>;
    readonly message: string;
  };
}

/** @param waiting what waits for the values: it has one request under way at a time */
export const valueRequestId = (key: string, waiting: string): string => `${key}/values/${waiting}`;

/** The effect that asks for values, for the actor `key`. */
export const requestValues = (key: string, waiting: string, data: ValueRequest) => ({
  id: valueRequestId(key, waiting),
  kind: VALUE,
  data,
  isRepeatable: true as const,
});

/** What a process has loaded and verified. */
export interface ValuesAtHand {
  /** undefined: it has to be loaded. */
  get(stored: StoredValue): { readonly value: unknown } | undefined;
}

/** Of a process that keeps nothing outside of the log. */
export const nothingAtHand: ValuesAtHand = { get: () => undefined };
