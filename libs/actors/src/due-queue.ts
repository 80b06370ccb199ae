/** The next due instant of each actor, earliest first: a binary heap whose outdated entries are skipped. */
export class DueQueue {
  readonly #due = new Map<string, number>();
  #heap: { readonly at: number; readonly key: string }[] = [];

  set(key: string, at: number | undefined): void {
    if (this.#due.get(key) === at) return;
    if (at === undefined) {
      this.#due.delete(key);
      return;
    }
    this.#due.set(key, at);
    this.#push({ at, key });
    if (this.#heap.length > 64 && this.#heap.length > 4 * this.#due.size) this.#rebuild();
  }

  /** Earliest instant, UTC ms. */
  next(): number | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined) return undefined;
      if (this.#due.get(first.key) === first.at) return first.at;
      this.#pop();
    }
  }

  /** Takes the actors due at `now` or before, earliest first. */
  take(now: number): string[] {
    const keys: string[] = [];
    for (let at = this.next(); at !== undefined && at <= now; at = this.next()) {
      const { key } = this.#pop();
      this.#due.delete(key);
      keys.push(key);
    }
    return keys;
  }

  #rebuild(): void {
    this.#heap = [];
    for (const [key, at] of this.#due) this.#push({ at, key });
  }

  #push(entry: { at: number; key: string }): void {
    const heap = this.#heap;
    let place = heap.push(entry) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (heap[parent]!.at <= entry.at) break;
      heap[place] = heap[parent]!;
      place = parent;
    }
    heap[place] = entry;
  }

  #pop(): { readonly at: number; readonly key: string } {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(entry: { readonly at: number; readonly key: string }): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child += 1;
      if (heap[child]!.at >= entry.at) break;
      heap[place] = heap[child]!;
      place = child;
    }
    heap[place] = entry;
  }
}
