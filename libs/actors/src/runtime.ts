import type { Clock, Random } from '@interlock/contracts';

/** Cancels what was scheduled; afterwards it never runs. */
export type Cancel = () => void;

/** When things run. Hosts use nothing else, so a simulator can own every turn they take. */
export interface Scheduler {
  /** Runs `task` once, not before `delayMs` from now, and never before what waits for its turn by then has had one. */
  after(delayMs: number, task: () => void): Cancel;
  /** Runs `task` once, after the caller has returned and before any timer. */
  soon(task: () => void): void;
}

/** What a host may know of the outside besides its broker. */
export interface Runtime {
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
}
