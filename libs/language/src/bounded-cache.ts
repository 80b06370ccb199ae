/** Keeps the `max` most recently used values; a pure function's results, so losing one costs only time. */
export class BoundedCache<Key, Value> {
  readonly #values = new Map<Key, Value>();

  constructor(readonly max: number) {}

  get size(): number {
    return this.#values.size;
  }

  /** The value for `key`, made by `make` if it is not here. What `make` throws is not kept. */
  get(key: Key, make: (key: Key) => Value): Value {
    const found = this.#values.get(key);
    if (found !== undefined) {
      // Re-inserting costs a delete; the newest half is hot anyway, so it is done only when the cache is filling up.
      if (this.#values.size > this.max / 2) {
        this.#values.delete(key);
        this.#values.set(key, found);
      }
      return found;
    }
    const value = make(key);
    this.#values.set(key, value);
    if (this.#values.size > this.max) this.#dropOldest();
    return value;
  }

  #dropOldest(): void {
    const oldest = this.#values.keys().next();
    if (oldest.done !== true) this.#values.delete(oldest.value);
  }
}
