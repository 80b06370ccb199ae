/** Lets `perSecond` calls a second through, after a burst of as many (at least one). */
export class TokenBucket {
  readonly #intervalMs: number;
  readonly #burstMs: number;
  /** When the bucket is full again, UTC ms. */
  #fullAt = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number) {
    this.#intervalMs = 1_000 / perSecond;
    this.#burstMs = (Math.max(1, Math.floor(perSecond)) - 1) * this.#intervalMs;
  }

  /** Takes a token and answers when it may be used, UTC ms; takes none when that would be after `latest`. */
  take(now: number, latest: number): number | undefined {
    const fullAt = Math.max(this.#fullAt, now);
    const usableAt = Math.max(now, fullAt - this.#burstMs);
    if (usableAt > latest) return undefined;
    this.#fullAt = fullAt + this.#intervalMs;
    return usableAt;
  }
}
