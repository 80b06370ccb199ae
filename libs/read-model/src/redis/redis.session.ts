import { ReadModelUnavailableError } from '../read-model.unavailable.js';
import { RedisStore } from './redis.store.js';

/** How often it looks whether Redis still holds what it held, when nobody asks. */
const LOOK_MS = 1_000;

/** One stay with Redis, from a connection to its end. */
export interface Session<Working> {
  readonly store: RedisStore;
  /** What works with the store, for as long as it stays. */
  readonly working: Working;
  isServing: boolean;
}

/** Holds at most one stay, ends it with the first failure of any use, and tells why. */
export class RedisSession<Working> {
  readonly #lost = new Set<(reason: string) => void>();
  #current: Session<Working> | undefined;
  #unavailable = new ReadModelUnavailableError('it was not read yet');
  #look: NodeJS.Timeout | undefined;

  /**
   * @param ended called when a stay ends, and why
   * @param report called with failures that are no absence
   */
  constructor(
    readonly url: string,
    readonly ended: (working: Working, error: ReadModelUnavailableError) => void,
    readonly report: (error: unknown) => void,
  ) {}

  /**
   * Ends the stay, if there is one, and begins another.
   * @throws {ReadModelUnavailableError} Redis does not answer
   */
  async begin(work: (store: RedisStore) => Promise<Working>): Promise<void> {
    this.end(new ReadModelUnavailableError('it is being read again from the log'));
    const opened: { store?: RedisStore } = {};
    const store = await RedisStore.open(this.url, (reason) => {
      if (opened.store !== undefined) this.failed(opened.store, new ReadModelUnavailableError(reason));
    });
    opened.store = store;
    this.#current = { store, working: await work(store), isServing: false };
    const look = () => void this.ask(store, () => store.positions()).catch(() => undefined);
    this.#look = setInterval(look, LOOK_MS).unref();
    void store.sweep().catch(() => undefined);
  }

  get current(): Session<Working> | undefined {
    return this.#current;
  }

  /** @throws {ReadModelUnavailableError} there is none */
  here(): Session<Working> {
    if (this.#current === undefined) throw new ReadModelUnavailableError(this.#unavailable.reason);
    return this.#current;
  }

  /** Resolves with the reason when the stay has ended; undefined: `signal` came first. */
  lost(signal: AbortSignal): Promise<string | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    if (this.#current === undefined) return Promise.resolve(this.#unavailable.reason);
    return new Promise((resolve) => {
      const end = (reason: string | undefined) => {
        this.#lost.delete(end);
        signal.removeEventListener('abort', abort);
        resolve(reason);
      };
      const abort = () => end(undefined);
      this.#lost.add(end);
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  /** What `ask` answers; when it fails, the stay ends. */
  async ask<T>(store: RedisStore, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      this.failed(store, error);
      throw error;
    }
  }

  /** A use of `store` has failed. */
  failed(store: RedisStore, error: unknown): void {
    if (store !== this.#current?.store) return;
    const isUnavailable = error instanceof ReadModelUnavailableError;
    if (!isUnavailable) this.report(error);
    const unavailable = isUnavailable
      ? error
      : new ReadModelUnavailableError('it could not be read or written', { cause: error });
    this.end(unavailable);
    for (const tell of [...this.#lost]) tell(unavailable.reason);
  }

  end(error: ReadModelUnavailableError): void {
    clearInterval(this.#look);
    this.#unavailable = error;
    const current = this.#current;
    this.#current = undefined;
    if (current === undefined) return;
    this.ended(current.working, error);
    current.store.close();
  }
}
