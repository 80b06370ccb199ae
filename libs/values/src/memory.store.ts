import { hashOfAddress } from './address.js';
import type { StoredEntry, ValueAddress, ValueStore } from './value.store.js';

/** In memory, for simulations and tests: a whole store, but for what a crash does to it. */
export class MemoryStore implements ValueStore {
  readonly #families = new Map<string, Map<string, { readonly bytes: Uint8Array; readonly at: number }>>();

  constructor(private readonly now: () => number = Date.now) {}

  async put(at: ValueAddress, bytes: Uint8Array): Promise<void> {
    const family = this.#families.get(at.family) ?? new Map();
    family.set(hashOfAddress(at), { bytes: Uint8Array.from(bytes), at: this.now() });
    this.#families.set(at.family, family);
  }

  async get(at: ValueAddress): Promise<Uint8Array | undefined> {
    const hash = hashOfAddress(at);
    return this.#families.get(at.family)?.get(hash)?.bytes;
  }

  async families(after: string | undefined, max: number): Promise<readonly string[]> {
    const names = [...this.#families.keys()].sort();
    return names.filter((name) => after === undefined || name > after).slice(0, max);
  }

  async list(family: string): Promise<readonly StoredEntry[]> {
    return [...(this.#families.get(family) ?? [])].map(([hash, { bytes, at }]) => ({
      family,
      hash,
      size: bytes.byteLength,
      writtenAt: at,
    }));
  }

  async remove({ family, hash }: ValueAddress): Promise<void> {
    const values = this.#families.get(family);
    values?.delete(hash);
    if (values?.size === 0) this.#families.delete(family);
  }

  async check(): Promise<void> {}
}
