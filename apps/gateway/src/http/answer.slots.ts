import type { ServerResponse } from 'node:http';
import { notReady } from '@interlock/commands';

const AT_ONCE_MAX = 16;
/** Of one identity: who reads slowly, or never, keeps others waiting for nothing. */
const OF_ONE_MAX = 4;
/** One that waits takes a connection and little more, and a program may ask for hundreds of runs at once. */
const WAITING_MAX = 4_000;
const WAITING_OF_ONE_MAX = 1_000;
const WAIT_MS = 10_000;
/** A reader that takes so long for one answer is let go: others wait for its place. */
const STALLED_MS = 60_000;

interface Waiting {
  readonly whose: string;
  readonly take: () => void;
}

export interface AnswerLimits {
  readonly atOnceMax?: number;
  readonly ofOneMax?: number;
  readonly waitingMax?: number;
  readonly waitingOfOneMax?: number;
  readonly waitMs?: number;
}

/** Answers that are large are made and sent a few at a time, so that many readers take no more memory than a few do. */
export class AnswerSlots {
  readonly #limits: Required<AnswerLimits>;
  #taken = 0;
  readonly #takenBy = new Map<string, number>();
  readonly #waiting: Waiting[] = [];

  constructor(limits: AnswerLimits = {}) {
    this.#limits = {
      atOnceMax: AT_ONCE_MAX,
      ofOneMax: OF_ONE_MAX,
      waitingMax: WAITING_MAX,
      waitingOfOneMax: WAITING_OF_ONE_MAX,
      waitMs: WAIT_MS,
      ...limits,
    };
  }

  /**
   * Resolves when there is a place, which is free again once `answer` has ended.
   * @param whose the identity that the answer is for
   * @throws {Problem} not-ready: too many wait already, or for too long
   */
  async take(answer: Pick<ServerResponse, 'once' | 'destroy' | 'destroyed'>, whose: string): Promise<void> {
    if (this.#hasPlaceFor(whose)) this.#hold(whose, 1);
    else await this.#place(whose);
    if (answer.destroyed) return this.#free(whose);
    const stalled = setTimeout(() => answer.destroy(), STALLED_MS);
    answer.once('close', () => {
      clearTimeout(stalled);
      this.#free(whose);
    });
  }

  #hasPlaceFor(whose: string): boolean {
    const { atOnceMax, ofOneMax } = this.#limits;
    return this.#taken < atOnceMax && (this.#takenBy.get(whose) ?? 0) < ofOneMax;
  }

  #hold(whose: string, change: 1 | -1): void {
    this.#taken += change;
    const held = (this.#takenBy.get(whose) ?? 0) + change;
    if (held === 0) this.#takenBy.delete(whose);
    else this.#takenBy.set(whose, held);
  }

  #free(whose: string): void {
    this.#hold(whose, -1);
    const at = this.#waiting.findIndex((one) => this.#hasPlaceFor(one.whose));
    const [next] = at === -1 ? [] : this.#waiting.splice(at, 1);
    if (next === undefined) return;
    this.#hold(next.whose, 1);
    next.take();
  }

  /** The place is held by whoever makes it free. */
  #place(whose: string): Promise<void> {
    const { waitingMax, waitingOfOneMax, waitMs } = this.#limits;
    const ofOne = this.#waiting.filter((one) => one.whose === whose).length;
    if (this.#waiting.length >= waitingMax || ofOne >= waitingOfOneMax) throw busy();
    return new Promise((resolve, reject) => {
      const waiting = {
        whose,
        take: () => {
          clearTimeout(late);
          resolve();
        },
      };
      const late = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(busy());
      }, waitMs);
      this.#waiting.push(waiting);
    });
  }
}

const busy = () => notReady('Too many large answers are being sent at the moment.', 2);
