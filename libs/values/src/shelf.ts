import type { StoredValue } from '@interlock/contracts';

/**
 * Values that this process has loaded and verified, those that were used last. What has once been verified stays true, so cores may look here;
 * what is not here has to be loaded.
 */
export class Shelf {
  /** Those that were used last stand last. */
  readonly #values = new Map<string, { readonly value: unknown; readonly size: number; usedAt: number }>();
  #bytes = 0;

  /** @param bytesMax of all values together, as JSON; the one that was put last always stays */
  constructor(
    private readonly bytesMax: number,
    private readonly now: () => number = Date.now,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  get({ hash }: Pick<StoredValue, 'hash'>): { readonly value: unknown } | undefined {
    const found = this.#values.get(hash);
    if (found === undefined) return undefined;
    this.#values.delete(hash);
    this.#values.set(hash, found);
    found.usedAt = this.now();
    return found;
  }

  put({ hash, size }: Pick<StoredValue, 'hash' | 'size'>, value: unknown): void {
    this.remove(hash);
    this.#values.set(hash, { value, size, usedAt: this.now() });
    this.#bytes += size;
    for (const oldest of this.#values.keys()) {
      if (this.#bytes <= this.bytesMax || oldest === hash) break;
      this.remove(oldest);
    }
  }

  /** Lets go of what nobody has used for so long: what is erased in the store leaves the memory of every process. */
  forgetUnused(forMs: number): void {
    for (const [hash, { usedAt }] of this.#values) {
      if (this.now() - usedAt < forMs) return;
      this.remove(hash);
    }
  }

  remove(hash: string): void {
    const found = this.#values.get(hash);
    if (found === undefined) return;
    this.#values.delete(hash);
    this.#bytes -= found.size;
  }
}
