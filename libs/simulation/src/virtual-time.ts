/** A task of the simulation and when it runs. */
interface Task {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * Virtual time: it passes only when nothing is left to do at an instant. Tasks of one instant run in the order they were planned.
 * Promises settled by a task are followed to their end before the next task runs.
 */
export class VirtualTime {
  #now: number;
  #order = 0;
  #heap: Task[] = [];

  constructor(startAt: number) {
    this.#now = startAt;
  }

  /** UTC ms. */
  now(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): () => void {
    let cancelled = false;
    const at = this.#now + Math.max(0, delayMs);
    this.#push({ at, order: this.#order++, run: () => (cancelled ? undefined : run()) });
    return () => {
      cancelled = true;
    };
  }

  /** Runs tasks until `done` says so or `until` is reached; answers whether it was done. */
  async runUntil(until: number, done: () => boolean): Promise<boolean> {
    for (;;) {
      if (done()) return true;
      const next = this.#heap[0];
      if (next === undefined || next.at > until) {
        this.#now = Math.max(this.#now, until);
        return done();
      }
      this.#pop();
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await settled();
    }
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let place = heap.push(task) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!isBefore(task, heap[parent] as Task)) break;
      heap[place] = heap[parent] as Task;
      place = parent;
    }
    heap[place] = task;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Task;
    if (heap.length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Task, heap[child] as Task)) child += 1;
      if (!isBefore(heap[child] as Task, last)) break;
      heap[place] = heap[child] as Task;
      place = child;
    }
    heap[place] = last;
  }
}

const isBefore = (a: Task, b: Task): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Every promise that can settle has settled: the event loop has come round once. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
