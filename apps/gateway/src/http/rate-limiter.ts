import { Problem } from '@interlock/commands';

export interface Rate {
  /** 0: any number. */
  readonly perSecond: number;
  /** Requests that may come at once after a pause. */
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Identities remembered at once; beyond it the one that was quiet longest starts afresh. */
const BUCKETS_MAX = 10_000;

/** A token bucket for each identity. */
export class RateLimiter {
  readonly #buckets = new Map<string, Bucket>();

  constructor(readonly rate: Rate) {}

  /**
   * Takes one request of `subject` at `now` (ms).
   * @throws {Problem} too-many, with the seconds to wait
   */
  take(subject: string, now: number): void {
    if (this.rate.perSecond === 0) return;
    const bucket = this.#bucketOf(subject, now);
    const { perSecond, burst } = this.rate;
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1_000) * perSecond);
    bucket.at = now;
    if (bucket.tokens < 1) {
      const waitS = Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
      throw new Problem('too-many', `At most ${perSecond} requests a second. Wait ${waitS} s.`, [], waitS);
    }
    bucket.tokens--;
  }

  #bucketOf(subject: string, now: number): Bucket {
    const known = this.#buckets.get(subject) ?? { tokens: this.rate.burst, at: now };
    this.#buckets.delete(subject);
    this.#buckets.set(subject, known);
    if (this.#buckets.size > BUCKETS_MAX) {
      for (const quiet of this.#buckets.keys()) {
        this.#buckets.delete(quiet);
        break;
      }
    }
    return known;
  }
}
