/** What a simulated broker lives in: virtual time and seeded chance. The simulator owns both. */
export interface World {
  /** Virtual UTC ms. */
  now(): number;
  /** Runs `task` after `delayMs` of virtual time; tasks of equal time run in a seeded or given order. */
  after(delayMs: number, task: () => void): void;
  /** Uniform in [0, 1). */
  random(): number;
}

/** What may happen to one append. Probabilities; what remains is a clean append. */
export interface AppendFaults {
  /** It never lands, and nobody answers. */
  lost: number;
  /** It lands, but the answer is lost. */
  answerLost: number;
  /** Nobody answers in time, and it lands up to `lateMsMax` later. */
  late: number;
  /** It lands twice; the first one is answered. */
  repeated: number;
  lateMsMax: number;
}

/** Times of the simulated cluster, ms. */
export interface Latencies {
  appendMax: number;
  deliveryMax: number;
  /** An append without an answer fails after this long. */
  appendTimeout: number;
  /** A member that is dead or suspended loses its partitions after this long. */
  sessionTimeout: number;
}

export const noFaults = (): AppendFaults => ({ lost: 0, answerLost: 0, late: 0, repeated: 0, lateMsMax: 0 });

export const quickLatencies = (): Latencies => ({
  appendMax: 3,
  deliveryMax: 3,
  appendTimeout: 5_000,
  sessionTimeout: 6_000,
});
