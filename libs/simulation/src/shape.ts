import type { AppendFaults } from '@interlock/broker/simulated';
import { oneOf } from './chosen.js';

/** What one seed is like: drawn once, so that some seeds are gentle and some are rough. */
export interface Shape {
  readonly partitions: number;
  readonly runs: number;
  /** Faults stop after this long, ms of virtual time. */
  readonly faultyMs: number;
  /** Mean time between two faults of processes and topics, ms. */
  readonly faultEveryMs: number;
  readonly appendFaults: AppendFaults;
  /** Chance that a new process is killed shortly after one of its first appends. */
  readonly killAtAppend: number;
  /** Chance that a request to the target goes wrong in some way. */
  readonly targetFaults: number;
  /** Clocks are at most this far from the true time, either way, ms. */
  readonly skewMs: number;
  readonly redacts: boolean;
}

export function shapeOf(random: () => number): Shape {
  const pick = <T extends number>(...choices: readonly T[]): T => oneOf(random, choices);
  const rough = pick(0, 0.5, 1, 2);
  return {
    partitions: pick(1, 1, 2),
    runs: random() < 0.02 ? 20 + Math.floor(random() * 41) : 3 + Math.floor(random() * 6),
    faultyMs: 5_000 + Math.floor(random() * 40_000),
    faultEveryMs: pick(400, 1_200, 3_000),
    appendFaults: {
      lost: 0.02 * rough * random(),
      answerLost: 0.02 * rough * random(),
      late: 0.03 * rough * random(),
      repeated: 0.03 * rough * random(),
      lateMsMax: pick(500, 8_000),
    },
    killAtAppend: pick(0, 0.3, 0.7),
    targetFaults: pick(0, 0.15, 0.4),
    skewMs: pick(0, 300, 900),
    redacts: random() < 0.3,
  };
}

/** Bound on clock differences that the services are configured with: twice the worst skew, and room. */
export const CLOCK_SKEW_MS = 2_000;
