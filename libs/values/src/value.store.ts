/** Where a value lies. Values of different families share nothing, so that those of one can be erased without those of another. */
export interface ValueAddress {
  /** Id of the root run. */
  readonly family: string;
  /** sha256 of the bytes, lower-case hexadecimal. */
  readonly hash: string;
}

export interface StoredEntry extends ValueAddress {
  readonly size: number;
  /** When it was last put, UTC ms, by the clock of the store. */
  readonly writtenAt: number;
}

/**
 * Bytes by their hash, durable. Implemented by a directory, an S3-compatible service, and in memory; all of them pass
 * `contract/value.store.contract.ts`.
 */
export interface ValueStore {
  /**
   * Durable once it resolves: then an event may name it. A value that is there already is put again, so that its time is new.
   * @throws {StoreUnavailableError} it may be there or not; put it again
   */
  put(at: ValueAddress, bytes: Uint8Array, signal?: AbortSignal): Promise<void>;

  /**
   * The bytes as they lie there: the caller compares the hash.
   * @returns undefined: there is no such value
   * @throws {StoreUnavailableError} nobody knows; ask again
   */
  get(at: ValueAddress, signal?: AbortSignal): Promise<Uint8Array | undefined>;

  /** The families that have values, in the order of their names, behind `after`; at most `max`. */
  families(after: string | undefined, max: number): Promise<readonly string[]>;

  /** All values of a family. */
  list(family: string): Promise<readonly StoredEntry[]>;

  /** What is not there is removed already. */
  remove(at: ValueAddress): Promise<void>;

  /** Resolves when the store can be reached and read. @throws {StoreUnavailableError} */
  check(): Promise<void>;
}

/** The store did not answer, or refused. The message says who, and why. */
export class StoreUnavailableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreUnavailableError';
  }
}
