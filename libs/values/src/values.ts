import { type CodeOf, errorText, STORED_TYPE, type StoredValue, sha256 } from '@interlock/contracts';
import { hasPlace } from './address.js';
import { Shelf } from './shelf.js';
import {
  type StoredEntry,
  StoreUnavailableError,
  type ValueAddress,
  type ValueStore,
} from './value.store.js';

/** An output as JSON that is larger leaves the log. */
export const INLINE_BYTES_MAX = 64 * 1024;

export interface ValueLimits {
  /** Of one value, bytes of its JSON. */
  readonly valueBytesMax: number;
  /** Of all that one family keeps. */
  readonly familyBytesMax: number;
  /** Of what this process holds in memory. */
  readonly shelfBytesMax: number;
}

export type StoreOperation = 'put' | 'get' | 'list' | 'remove';

/** What is seen of the store from outside. */
export interface ValuesObserver {
  done(what: StoreOperation, outcome: 'ok' | CodeOf<'value'>, bytes: number, tookMs: number): void;
}

/** A value cannot be had or kept, and the code says why. */
export class ValueError extends Error {
  constructor(
    readonly code: CodeOf<'value'>,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ValueError';
  }
}

/** Waits before the next try of a store that is away, ms. */
const RETRY_FIRST_MS = 200;
const RETRY_MOST_MS = 10_000;

/** Lies where values were that have been erased: so small a value is never kept outside of the log. */
const ERASED_MARK = marked(Buffer.from('{"erased":true}'));

function marked(bytes: Uint8Array): { readonly hash: string; readonly bytes: Uint8Array } {
  return { hash: sha256(bytes), bytes };
}

/** What waits are measured by. */
export interface Time {
  readonly clock: { now(): number };
  /** @returns cancels it */
  readonly scheduler: { after(delayMs: number, task: () => void): () => void };
}

const wallTime: Time = {
  clock: Date,
  scheduler: {
    after(delayMs, task) {
      const timer = setTimeout(task, delayMs);
      return () => clearTimeout(timer);
    },
  },
};

const silent: ValuesObserver = { done: () => undefined };

/**
 * The values of runs in their store.
 *
 *   V1  A value is durable before anybody can name it: `keep` resolves behind that.
 *   V2  What is handed out has the hash that the log says: it is computed on every read from the store.
 *   V3  Whoever waits for a store that is away waits no longer than it says, and is told by a code.
 */
export class Values {
  readonly shelf: Shelf;

  constructor(
    readonly store: ValueStore,
    readonly limits: ValueLimits,
    private readonly observer: ValuesObserver = silent,
    private readonly time: Time = wallTime,
  ) {
    this.shelf = new Shelf(limits.shelfBytesMax, () => time.clock.now());
  }

  /** Makes a value durable. @throws {ValueError} */
  async keep(family: string, value: unknown, patience: Patience): Promise<StoredValue> {
    const bytes = Buffer.from(JSON.stringify(value));
    const stored = storedOf(bytes);
    const put = () => this.store.put({ family, hash: stored.hash }, bytes, patience.signal);
    await this.#tried('put', bytes.byteLength, patience, put);
    this.shelf.put(stored, value);
    return stored;
  }

  /** The whole value, verified. @throws {ValueError} */
  async load(family: string, stored: StoredValue, patience: Patience): Promise<unknown> {
    const known = this.shelf.get(stored);
    if (known !== undefined) return known.value;
    const value: unknown = JSON.parse(new TextDecoder().decode(await this.bytes(family, stored, patience)));
    this.shelf.put(stored, value);
    return value;
  }

  /** Its bytes, verified. @throws {ValueError} */
  async bytes(
    family: string,
    stored: Pick<StoredValue, 'hash'> & Partial<Pick<StoredValue, 'size'>>,
    patience: Patience,
  ): Promise<Uint8Array> {
    const { hash, size } = stored;
    const get = () => this.store.get({ family, hash }, patience.signal);
    return this.#tried('get', size ?? 0, patience, async () => {
      const bytes = await get();
      if (bytes === undefined) throw await this.#gone(family, hash);
      // V2
      if ((size !== undefined && bytes.byteLength !== size) || sha256(bytes) !== hash)
        throw new ValueError(
          'value.altered',
          `the value ${hash} of run ${family} has been altered in the store`,
        );
      return bytes;
    });
  }

  /** What the store holds of the family. @throws {ValueError} */
  async count(family: string, patience: Patience): Promise<Held> {
    return heldIn(await this.listed(family, patience));
  }

  /** All values of the family. @throws {ValueError} */
  async listed(family: string, patience: Patience): Promise<readonly StoredEntry[]> {
    if (!hasPlace(family)) return [];
    const entries = await this.#tried('list', 0, patience, () => this.store.list(family));
    return entries.filter(({ hash }) => hash !== ERASED_MARK.hash);
  }

  /** @throws {ValueError} */
  async remove(at: ValueAddress, patience: Patience): Promise<void> {
    this.shelf.remove(at.hash);
    await this.#tried('remove', 0, patience, () => this.store.remove(at));
  }

  /**
   * Removes what the family has; resolves once the store holds none of it. What stays is a mark, so that every service that looks for one of them
   * knows that it is erased and not lost.
   * @returns what was there by now
   * @throws {ValueError}
   */
  async erase(family: string, patience: Patience): Promise<Held> {
    const found = new Map<string, StoredEntry>();
    for (;;) {
      const entries = await this.listed(family, patience);
      if (entries.length === 0) return heldIn([...found.values()]);
      const { hash, bytes } = ERASED_MARK;
      await this.#tried('put', bytes.byteLength, patience, () => this.store.put({ family, hash }, bytes));
      for (const entry of entries) {
        await this.remove({ family, hash: entry.hash }, patience);
        found.set(entry.hash, entry);
      }
    }
  }

  async #gone(family: string, hash: string): Promise<ValueError> {
    const mark = await this.store.get({ family, hash: ERASED_MARK.hash });
    return mark === undefined
      ? new ValueError('value.missing', `the store holds no value ${hash} of run ${family}`)
      : new ValueError('value.erased', `the values of run ${family} have been erased`);
  }

  // V3
  async #tried<T>(
    what: StoreOperation,
    bytes: number,
    patience: Patience,
    work: () => Promise<T>,
  ): Promise<T> {
    const { withinMs, signal } = patience;
    const now = () => this.time.clock.now();
    const startedAt = now();
    for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(2 * waitMs, RETRY_MOST_MS)) {
      const since = now();
      const done = (outcome: 'ok' | CodeOf<'value'>) =>
        this.observer.done(what, outcome, bytes, now() - since);
      try {
        const result = await work();
        done('ok');
        return result;
      } catch (error) {
        const told = toldOf(error);
        done(told.code);
        const isOver = now() - startedAt + waitMs > withinMs;
        if (told.code !== 'value.unavailable' || isOver || signal?.aborted === true) throw told;
        await elapsed(this.time, waitMs, signal);
      }
    }
  }
}

/** How many values of a family, and all of them together. */
export interface Held {
  readonly values: number;
  readonly bytes: number;
}

const heldIn = (entries: readonly StoredEntry[]): Held => ({
  values: entries.length,
  bytes: entries.reduce((sum, { size }) => sum + size, 0),
});

/** How long a store that is away is asked again. */
export interface Patience {
  readonly withinMs: number;
  readonly signal?: AbortSignal;
}

const toldOf = (error: unknown): ValueError => {
  if (error instanceof ValueError) return error;
  if (error instanceof StoreUnavailableError)
    return new ValueError('value.unavailable', error.message, { cause: error });
  return new ValueError('value.unavailable', `the store: ${errorText(error)}`, { cause: error });
};

/** What a value is called by. */
export function storedOf(bytes: Uint8Array): StoredValue {
  return { hash: sha256(bytes), size: bytes.byteLength, type: STORED_TYPE };
}

/** Resolves at the end of the wait, or when the signal aborts. */
function elapsed({ scheduler }: Time, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = scheduler.after(delayMs, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}
