import { ERASURE, type ErasureAnswer, type ErasureRequest } from '@interlock/contracts';
import type { Values } from './values.js';

interface Performing {
  readonly signal: AbortSignal;
  result(value: ErasureAnswer): void;
}
interface Effect {
  readonly kind: string;
  readonly data: unknown;
}

export const isErasureRequest = ({ kind }: Effect): boolean => kind === ERASURE;

/** Counts and removes what a family has, however long the store is away. Who has no store is never asked, and answers nothing. */
export const performErasure =
  (values: Pick<Values, 'count' | 'erase'> | undefined) =>
  async ({ data }: Effect, { signal, result }: Performing): Promise<void> => {
    if (values === undefined) return;
    const { family, what } = data as ErasureRequest;
    const patience = { withinMs: Number.POSITIVE_INFINITY, signal };
    try {
      const held = await (what === 'count' ? values.count(family, patience) : values.erase(family, patience));
      if (!signal.aborted) result({ kind: 'erasure', what, ...held });
    } catch (error) {
      // The partition has another host, which asks again.
      if (!signal.aborted) throw error;
    }
  };
