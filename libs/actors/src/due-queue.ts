import { Heap } from './heap.js';

/** The next due instant of each actor, earliest first: a heap whose outdated entries are skipped. */
export class DueQueue {
  readonly #due = new Map<string, number>();
  readonly #heap = new Heap<{ readonly at: number; readonly key: string }>((one, other) => one.at < other.at);

  set(key: string, at: number | undefined): void {
    if (this.#due.get(key) === at) return;
    if (at === undefined) {
      this.#due.delete(key);
      return;
    }
    this.#due.set(key, at);
    this.#heap.push({ at, key });
    if (this.#heap.size > 64 && this.#heap.size > 4 * this.#due.size) this.#rebuild();
  }

  /** Earliest instant, UTC ms. */
  next(): number | undefined {
    for (;;) {
      const first = this.#heap.first();
      if (first === undefined) return undefined;
      if (this.#due.get(first.key) === first.at) return first.at;
      this.#heap.pop();
    }
  }

  /** Takes the actors due at `now` or before, earliest first. */
  take(now: number): string[] {
    const keys: string[] = [];
    for (let at = this.next(); at !== undefined && at <= now; at = this.next()) {
      const first = this.#heap.pop();
      if (first === undefined) break;
      this.#due.delete(first.key);
      keys.push(first.key);
    }
    return keys;
  }

  #rebuild(): void {
    this.#heap.clear();
    for (const [key, at] of this.#due) this.#heap.push({ at, key });
  }
}
