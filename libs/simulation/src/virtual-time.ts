import { Heap } from '@interlock/actors';

/** A task of the simulation and when it runs. */
interface Task {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/**
 * Virtual time: it passes only when nothing is left to do at an instant. Tasks of one instant run in the order they were planned.
 * Promises settled by a task are followed to their end before the next task runs.
 */
export class VirtualTime {
  #now: number;
  #order = 0;
  readonly #tasks = new Heap<Task>(isBefore);

  constructor(startAt: number) {
    this.#now = startAt;
  }

  /** UTC ms. */
  now(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): () => void {
    const at = this.#now + Math.max(0, delayMs);
    const task: Task = { at, order: this.#order++, run, isCancelled: false };
    this.#tasks.push(task);
    return () => {
      task.isCancelled = true;
    };
  }

  /** Runs tasks until `done` says so or `until` is reached; answers whether it was done. */
  async runUntil(until: number, done: () => boolean): Promise<boolean> {
    for (;;) {
      if (done()) return true;
      const next = this.#tasks.first();
      if (next === undefined || next.at > until) {
        this.#now = Math.max(this.#now, until);
        return done();
      }
      this.#tasks.pop();
      this.#now = Math.max(this.#now, next.at);
      if (next.isCancelled) continue;
      next.run();
      await settled();
    }
  }
}

const isBefore = (a: Task, b: Task): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Every promise that can settle has settled: the event loop has come round once. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
