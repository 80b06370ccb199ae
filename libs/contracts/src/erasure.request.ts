/*
 * What an actor asks of the store when the values of a family are erased. The store is asked until it answers, so there is no failure to tell of.
 */

/** Kind of the effects that erase. */
export const ERASURE = 'erasure';

export interface ErasureRequest {
  /** The root run, under which its values and those of its children lie. */
  readonly family: string;
  readonly what: 'count' | 'remove';
}

export interface ErasureAnswer {
  readonly kind: 'erasure';
  readonly what: ErasureRequest['what'];
  /** What the store holds, or what was removed. */
  readonly values: number;
  readonly bytes: number;
}

/** The effect of the run above all. It is one at a time of each. */
export const requestErasure = (family: string, what: ErasureRequest['what']) => ({
  id: `${family}/erasure/${what}`,
  kind: ERASURE,
  data: { family, what } satisfies ErasureRequest,
  isRepeatable: true as const,
});
