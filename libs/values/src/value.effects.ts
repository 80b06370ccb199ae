import { type StoredValue, VALUE, type ValueAnswer, type ValueRequest } from '@interlock/contracts';
import { type Patience, ValueError, type Values } from './values.js';

/** As long as the retries of a call last. */
const WITHIN_MS = 600_000;

interface Performing {
  readonly signal: AbortSignal;
  result(value: unknown): void;
}
interface Effect {
  readonly kind: string;
  readonly data: unknown;
}

export const isValueRequest = ({ kind }: Effect): boolean => kind === VALUE;

/** Performs what actors ask of the store. Without a store there are no such values: whoever asks is told so. */
export const performValues =
  (values: Values | undefined) =>
  async ({ data }: Effect, { signal, result }: Performing): Promise<void> => {
    const answer = await answerTo(values ?? noStore, data as ValueRequest, { withinMs: WITHIN_MS, signal });
    if (!signal.aborted) result(answer);
  };

async function answerTo(
  values: Pick<Values, 'load' | 'keep'>,
  { family, load, keep }: ValueRequest,
  patience: Patience,
): Promise<ValueAnswer> {
  const had = new Map<string, unknown>();
  let asked: StoredValue | undefined;
  try {
    for (const stored of load) {
      asked = stored;
      had.set(stored.hash, await values.load(family, stored, patience));
    }
    if (keep === undefined) return { kind: 'value', values: had };
    asked = keep.stored;
    const kept = await values.keep(family, keep.value, patience);
    return { kind: 'value', values: had.set(kept.hash, keep.value), kept, keptAt: Date.now() };
  } catch (error) {
    if (!(error instanceof ValueError) || asked === undefined) throw error;
    const { code, message } = error;
    return { kind: 'value', values: had, failed: { stored: asked, code, message } };
  }
}

const absent = (): never => {
  throw new ValueError(
    'value.unavailable',
    'this service has no store: set INTERLOCK_STORE_URL to that of the others',
  );
};
const noStore = { load: async () => absent(), keep: async () => absent() };
