/** Good ends in a row until a tool shares a child again. */
const GOOD_ENDS = 10;

/**
 *   late     a call of it was still running at a deadline that it must not outlive, so its child was killed
 *   harmful  it has ended a child, or held its loop up
 */
export type Accusation = 'late' | 'harmful';

/**
 * Tools that have taken their child away from others. It is not always known which tool it was, so all tools in the child are suspects:
 * each runs alone until its calls have ended well for a while.
 */
export class Suspects {
  readonly #standing = new Map<string, { readonly of: Accusation; readonly left: number }>();

  of(toolHash: string): Accusation | undefined {
    return this.#standing.get(toolHash)?.of;
  }

  accuse(toolHash: string, accusation: Accusation): void {
    const of = this.of(toolHash) === 'harmful' ? 'harmful' : accusation;
    this.#standing.set(toolHash, { of, left: GOOD_ENDS });
  }

  endedWell(toolHash: string): void {
    const standing = this.#standing.get(toolHash);
    if (standing === undefined) return;
    if (standing.left > 1) this.#standing.set(toolHash, { ...standing, left: standing.left - 1 });
    else this.#standing.delete(toolHash);
  }
}
