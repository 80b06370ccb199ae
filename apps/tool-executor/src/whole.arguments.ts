import { errorText, type Failure, storedIn } from '@interlock/contracts';
import { ValueError, type Values } from '@interlock/values';
import type { CallEffect } from './call.effect.js';

/** What loads arguments. */
export type ArgumentsLoader = Pick<Values, 'load'>;

/** The call with its arguments in place, verified, wherever they are kept; or why they cannot be had: then nothing is called. */
export async function withArguments(
  values: ArgumentsLoader | undefined,
  call: CallEffect,
  now: number,
  signal: AbortSignal,
): Promise<CallEffect | Failure> {
  const stored = storedIn(call.arguments);
  if (stored === undefined) return call;
  try {
    if (values === undefined) throw noStore;
    const patience = { withinMs: Math.max(0, call.deadline - now), signal };
    return { ...call, arguments: await values.load(call.family, stored, patience) };
  } catch (error) {
    const code = error instanceof ValueError ? error.code : 'value.unavailable';
    const message = `nothing was called, as its arguments could not be had: ${errorText(error)}`;
    return {
      class: code === 'value.unavailable' ? 'transient' : 'internal',
      code,
      message: message.slice(0, 4_000).toWellFormed(),
    };
  }
}

const noStore = new ValueError(
  'value.unavailable',
  'this service has no store: set INTERLOCK_STORE_URL to that of the others',
);
