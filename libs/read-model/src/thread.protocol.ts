import type { ReadModel } from './read-model.js';
import type { OwnStart } from './run.view.js';

/** Calls that have an answer. Those that wait take the id of their call to be cancelled by. */
export type Method = Exclude<keyof ReadModel, 'feed' | 'accept'>;

/** What the thread of the read model is told. */
export type ToThread =
  | { readonly do: 'feed'; readonly topic: string; readonly partition: number; readonly packed: ArrayBuffer }
  | { readonly do: 'accept'; readonly start: OwnStart }
  | { readonly do: 'call'; readonly id: number; readonly method: Method; readonly args: readonly unknown[] }
  | { readonly do: 'cancel'; readonly id: number }
  /** The answer to a `ReadAsked`. */
  | { readonly do: 'records'; readonly id: number; readonly packed: ArrayBuffer }
  | { readonly do: 'unread'; readonly id: number; readonly reason: string; readonly code: unknown };

export type FromThread =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
  /** The store of the read model is unavailable, and why. */
  | { readonly id: number; readonly unavailable: string }
  /** The log has lost events of a run. */
  | { readonly id: number; readonly gone: string }
  /** The store has no index for a part of a filter. */
  | { readonly id: number; readonly unanswered: string; readonly at: number | undefined }
  /** The thread has no log of its own: it asks for records. */
  | { readonly id: number; readonly read: ReadAsked }
  /** A batch could not be stored, or the like: for the log of the process. */
  | { readonly id: 0; readonly report: string };

export interface ReadAsked {
  readonly topic: string;
  readonly partition: number;
  readonly offsets: readonly number[];
}

/** Where the read model is kept. */
export type ReadModelPlace = { readonly path: string } | { readonly redisUrl: string };

/** Methods whose last argument is an AbortSignal, which does not travel. */
export const waits: ReadonlySet<Method> = new Set<Method>(['settled', 'grown', 'newEvents', 'lost']);
