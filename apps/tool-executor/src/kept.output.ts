import { byReference, errorText, NAMED_WITHIN_MS, storedIn } from '@interlock/contracts';
import { INLINE_BYTES_MAX, ValueError, type Values } from '@interlock/values';
import type { CallEffect, CallEnd, CallResult } from './call.effect.js';

/** What keeps outputs. */
export type OutputKeeper = Pick<Values, 'keep'>;

/** The call has been made already, and perhaps has written: its outcome waits this long for a store that is away, ms. */
const WITHIN_MS = 600_000;

type Succeeded = Extract<CallEnd, { kind: 'succeeded' }>;

/** The answer to a verification stays: the run reads it as it records it. */
export const leavesLog = ({ verifies }: Pick<CallEffect, 'verifies'>, end: CallEnd): end is Succeeded =>
  end.kind === 'succeeded' &&
  verifies === undefined &&
  Buffer.byteLength(JSON.stringify(end.output) ?? '') > INLINE_BYTES_MAX;

/**
 * The end of a call as the log says it: an output that is too large for it is durable in the store, and stands there by reference.
 * Where the store does not take it, a read fails as its target had, and a write has happened without a usable output.
 */
export async function keptOutput(
  values: OutputKeeper,
  { family, effect }: Pick<CallEffect, 'family' | 'effect'>,
  end: Succeeded,
  signal: AbortSignal | undefined,
): Promise<CallEnd> {
  try {
    const patience = { withinMs: WITHIN_MS, ...(signal !== undefined && { signal }) };
    const stored = await values.keep(family, end.output, patience);
    return { ...end, output: byReference(stored) };
  } catch (error) {
    const code = error instanceof ValueError ? error.code : 'value.unavailable';
    return withoutOutput(effect, code, errorText(error));
  }
}

function withoutOutput(effect: CallEffect['effect'], code: string, why: string): CallEnd {
  const message = `the output could not be kept: ${why}`.slice(0, 4_000).toWellFormed();
  return {
    kind: 'failed',
    failure: { class: effect === 'write' ? 'invalid_output' : 'transient', code, message },
  };
}

/**
 * The result as it may be told now. An output that was kept long ago, and that the log could not be told of meanwhile, may have been swept away
 * as one that nobody names: it is told of no more.
 */
export function stillKept(result: CallResult, now: number): CallResult {
  const { end, keptAt = now, effect } = result;
  if (now - keptAt < NAMED_WITHIN_MS || end.kind !== 'succeeded' || storedIn(end.output) === undefined)
    return result;
  const why = 'the log could not be told of it in time';
  return { ...result, end: withoutOutput(effect, 'value.unavailable', why) };
}
