import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_MS = 50;
const MOST_MS = 2_000;

/** Waits between tries, twice as long each time; half of each wait is chance, so that many gateways do not come at once. */
export class BackOff {
  #ms = FIRST_MS;

  async wait(signal: AbortSignal): Promise<void> {
    const ms = this.#ms * (0.5 + Math.random() / 2);
    this.#ms = Math.min(MOST_MS, this.#ms * 2);
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }

  reset(): void {
    this.#ms = FIRST_MS;
  }
}
