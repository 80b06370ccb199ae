import type { ServerResponse } from 'node:http';
import { notReady } from './problem.js';

const AT_ONCE_MAX = 16;
const WAITING_MAX = 1_000;
const WAIT_MS = 10_000;
/** A reader that takes so long for one answer is let go: others wait for its place. */
const STALLED_MS = 60_000;

/** Answers that are large are made and sent a few at a time, so that many readers take no more memory than a few do. */
export class AnswerSlots {
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(
    readonly atOnceMax = AT_ONCE_MAX,
    readonly waitingMax = WAITING_MAX,
    readonly waitMs = WAIT_MS,
  ) {}

  /**
   * Resolves when there is a place, which is free again once `answer` has ended.
   * @throws {Problem} not-ready: too many wait already, or for too long
   */
  async take(answer: Pick<ServerResponse, 'once' | 'destroy' | 'destroyed'>): Promise<void> {
    if (this.#taken >= this.atOnceMax) await this.#place();
    else this.#taken++;
    if (answer.destroyed) return this.#free();
    const stalled = setTimeout(() => answer.destroy(), STALLED_MS);
    answer.once('close', () => {
      clearTimeout(stalled);
      this.#free();
    });
  }

  #free(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken--;
    else next();
  }

  #place(): Promise<void> {
    if (this.#waiting.length >= this.waitingMax) throw busy();
    return new Promise((resolve, reject) => {
      const take = () => {
        clearTimeout(late);
        resolve();
      };
      const late = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(take), 1);
        reject(busy());
      }, this.waitMs);
      this.#waiting.push(take);
    });
  }
}

const busy = () => notReady('Too many large answers are being sent at the moment.', 2);
