/** Good ends in a row until a tool shares a child again. */
const GOOD_ENDS = 10;

/**
 * Tools that have ended a child, or held its loop up, while others were in it. Which of them it was is not always known, so all are: each is
 * alone until it has ended well for a while.
 */
export class Suspects {
  readonly #left = new Map<string, number>();

  has(toolHash: string): boolean {
    return this.#left.has(toolHash);
  }

  accuse(toolHash: string): void {
    this.#left.set(toolHash, GOOD_ENDS);
  }

  endedWell(toolHash: string): void {
    const left = this.#left.get(toolHash);
    if (left === undefined) return;
    if (left > 1) this.#left.set(toolHash, left - 1);
    else this.#left.delete(toolHash);
  }
}
