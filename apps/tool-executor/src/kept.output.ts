import { byReference, errorText } from '@interlock/contracts';
import { INLINE_BYTES_MAX, ValueError, type Values } from '@interlock/values';
import type { CallEffect, CallEnd } from './call.effect.js';

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
    const message = `the output could not be kept: ${errorText(error)}`.slice(0, 4_000).toWellFormed();
    const failureClass = effect === 'write' ? 'invalid_output' : 'transient';
    return { kind: 'failed', failure: { class: failureClass, code, message } };
  }
}
