/** Somebody who waits for a run to move. */
interface Watcher {
  /** Whether the run, as it is now, is what was waited for. */
  readonly met: (run: Watched) => boolean;
  readonly resolve: () => void;
}

export interface Watched {
  readonly status: string;
  readonly seq: number;
}

/** Waits of requests: a run without one costs nothing when it moves. */
export class RunWatchers {
  readonly #watchers = new Map<string, Set<Watcher>>();

  get count(): number {
    return this.#watchers.size;
  }

  get runIds(): string[] {
    return [...this.#watchers.keys()];
  }

  watches(runId: string): boolean {
    return this.#watchers.has(runId);
  }

  /** Resolves when `met` holds after a later move of the run, or when `signal` comes. */
  wait(runId: string, met: Watcher['met'], signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        signal.removeEventListener('abort', end);
        this.#remove(runId, watcher);
        resolve();
      };
      const watcher: Watcher = { met, resolve: end };
      signal.addEventListener('abort', end, { once: true });
      const others = this.#watchers.get(runId);
      if (others === undefined) this.#watchers.set(runId, new Set([watcher]));
      else others.add(watcher);
    });
  }

  moved(runId: string, run: Watched): void {
    for (const watcher of this.#watchers.get(runId) ?? []) if (watcher.met(run)) watcher.resolve();
  }

  #remove(runId: string, watcher: Watcher): void {
    const watchers = this.#watchers.get(runId);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#watchers.delete(runId);
  }
}
