import type { ReadModel } from './read-model.js';
import type { OwnStart } from './run.view.js';

/** Calls that have an answer. Those that wait take the id of their call to be cancelled by. */
export type Method = Exclude<keyof ReadModel, 'feed' | 'accept'>;

/** What the thread of the read model is told. */
export type ToThread =
  | { readonly do: 'feed'; readonly topic: string; readonly partition: number; readonly packed: ArrayBuffer }
  | { readonly do: 'accept'; readonly start: OwnStart }
  | { readonly do: 'call'; readonly id: number; readonly method: Method; readonly args: readonly unknown[] }
  | { readonly do: 'cancel'; readonly id: number };

export type FromThread =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
  /** The store of the read model is unavailable, and why. */
  | { readonly id: number; readonly unavailable: string }
  /** A batch could not be stored, or the like: for the log of the process. */
  | { readonly id: 0; readonly report: string };

/** Where the read model is kept. */
export type ReadModelPlace = { readonly path: string } | { readonly redisUrl: string };

/** Methods whose last argument is an AbortSignal, which does not travel. */
export const waits: ReadonlySet<Method> = new Set<Method>(['settled', 'grown', 'newEvents', 'lost']);
