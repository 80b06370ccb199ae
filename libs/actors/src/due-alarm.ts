import { DueQueue } from './due-queue.js';
import type { PartitionInputs } from './partition-inputs.js';
import type { Cancel, Runtime } from './runtime.js';

const TIMER_MS_MAX = 2 ** 31 - 1;

/**
 * Timers of a partition's actors. When one falls due the ends of all inputs are noted, and it fires only once they have been read up to
 * there: so an answer that was written in time wins over the timeout, even if nobody read it in time.
 */
export class DueAlarm<State> {
  readonly #queue = new DueQueue();
  #alarm: { readonly at: number; readonly cancel: Cancel } | undefined;
  #gate: { readonly at: number; readonly ends: ReadonlyMap<string, number> } | undefined;
  #noting = false;
  #over = false;

  /** @param noteEnds where each input ends now; a rejection is for the host to handle, and ends this alarm */
  constructor(
    readonly runtime: Runtime,
    readonly noteEnds: () => Promise<ReadonlyMap<string, number>>,
    readonly noted: () => void,
    readonly failed: (error: unknown) => void,
  ) {}

  set(key: string, at: number | undefined): void {
    this.#queue.set(key, at);
  }

  /** Actors whose timers may fire now. */
  take(inputs: PartitionInputs<State>): string[] {
    if (this.#gate === undefined || !inputs.hasDecided(this.#gate.ends)) return [];
    const { at } = this.#gate;
    this.#gate = undefined;
    return this.#queue.take(at);
  }

  /** Sets the clock for the earliest instant. */
  arm(): void {
    if (this.#gate !== undefined || this.#noting || this.#over) return;
    const at = this.#queue.next();
    if (at === this.#alarm?.at) return;
    this.#alarm?.cancel();
    this.#alarm = undefined;
    if (at === undefined) return;
    const delay = Math.min(Math.max(0, at - this.runtime.clock.now()), TIMER_MS_MAX);
    this.#alarm = { at, cancel: this.runtime.scheduler.after(delay, () => void this.#ring()) };
  }

  stop(): void {
    this.#over = true;
    this.#alarm?.cancel();
  }

  async #ring(): Promise<void> {
    this.#alarm = undefined;
    this.#noting = true;
    const at = this.runtime.clock.now();
    try {
      const ends = await this.noteEnds();
      this.#gate = { at, ends };
    } catch (error) {
      if (!this.#over) this.failed(error);
      return;
    } finally {
      this.#noting = false;
    }
    if (!this.#over) this.noted();
  }
}
