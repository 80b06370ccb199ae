/*
 * Whose head is to be signed, and when. A signature costs more than everything else that is done with an event.
 *
 * H1. The head of a run that ends goes into the append that holds its end.
 * H2. Any other is due HEAD_MS after the first of those that wait has moved, or HEAD_EVENTS decisions later when that is sooner. What is due
 *     is signed before the next event is published, and an append holds HEAD_EVENTS decisions at most.
 * H3. What waited in a process that died is signed by the next one: it signs the runs that moved in the last twice HEAD_EVENTS decisions in
 *     front of where it goes on, and have not ended there. By H2 no other can have waited.
 */
export const HEAD_EVENTS = 1_000;
/** An export waits two seconds for the head that covers its end. */
export const HEAD_MS = 1_000;

export class UnsignedHeads {
  /** The number of the event with which each run moved last; the one that moved last is the last. */
  readonly #moved = new Map<string, number>();
  #events = 0;
  /** When, and with which event, the first of them began to wait. */
  #since: { readonly ms: number; readonly event: number } | undefined;

  /** @param now UTC ms */
  constructor(private readonly now: () => number) {}

  get size(): number {
    return this.#moved.size;
  }

  get isDue(): boolean {
    if (this.#since === undefined) return false;
    return this.now() - this.#since.ms >= HEAD_MS || this.#events - this.#since.event >= HEAD_EVENTS; // H2
  }

  /** A run has moved. @param isNew whether the stream did not hold the event before */
  moved(runId: string, isNew: boolean): void {
    this.#events += 1;
    this.#since ??= { ms: this.now(), event: this.#events };
    this.#moved.delete(runId);
    this.#moved.set(runId, this.#events);
    if (!isNew) this.#dropSigned();
  }

  /** Its head is signed with its end. */
  ended(runId: string): void {
    this.#moved.delete(runId); // H1
    this.#settle();
  }

  /** Those that have waited longest, at most `limit`. What is left of those that were due is still due. */
  take(limit: number): string[] {
    const taken = [...this.#moved.keys()].slice(0, limit);
    for (const runId of taken) this.#moved.delete(runId);
    this.#settle();
    return taken;
  }

  /** H3 */
  #dropSigned(): void {
    for (const [runId, event] of this.#moved) {
      if (event > this.#events - 2 * HEAD_EVENTS) break;
      this.#moved.delete(runId);
    }
    this.#since = { ms: this.#since?.ms ?? this.now(), event: this.#events };
  }

  #settle(): void {
    if (this.#moved.size === 0) this.#since = undefined;
  }
}
