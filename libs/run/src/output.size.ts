import type { Failure } from '@interlock/contracts';
import type { DecisionDraft } from './decision.draft.js';
import { jsonBytes } from './json-bytes.js';
import { UnreadableValue } from './values/unreadable.js';

/** As JSON: as much as an output in the log may have. */
const OUTPUT_BYTES_MAX = 256 * 1024;

/** Why an output of the workflow is refused: it has to fit into one event. */
export function outputTooLarge(output: unknown, hint = ''): Failure | undefined {
  const bytes = jsonBytes(output);
  if (bytes <= OUTPUT_BYTES_MAX) return undefined;
  const message = `the output has ${bytes} bytes; at most ${OUTPUT_BYTES_MAX}${hint}`;
  return { class: 'invalid_output', code: 'output.too_large', message };
}

/**
 * An output that the run has worked out, as an event says it: by reference where it is too large for the log; or why it is refused.
 * @throws {ValuesAwaited}
 */
export function fitting(draft: DecisionDraft, output: unknown): { readonly output: unknown } | Failure {
  let kept: unknown;
  try {
    kept = draft.values.kept(output);
  } catch (error) {
    if (error instanceof UnreadableValue) return error.failure;
    throw error;
  }
  return outputTooLarge(kept, moreWith(draft)) ?? { output: kept };
}

/** Why a value is refused that is kept outside of the log where it is too large for it. */
export function tooLargeToKeep(draft: DecisionDraft, value: unknown): Failure | undefined {
  const bytes = jsonBytes(value);
  const bytesMax = draft.settings.values?.valueBytesMax ?? OUTPUT_BYTES_MAX;
  if (bytes <= bytesMax) return undefined;
  const more = draft.settings.values === undefined ? moreWith(draft) : ', as INTERLOCK_VALUE_MB says';
  const message = `the value has ${bytes} bytes; at most ${bytesMax}${more}`;
  return { class: 'invalid_output', code: 'output.too_large', message };
}

/** How more is taken. */
export function moreWith({ settings: { values } }: DecisionDraft): string {
  return values === undefined
    ? ' without a store: set INTERLOCK_STORE_URL, and larger values are kept there'
    : `, and ${values.valueBytesMax} in the store, as INTERLOCK_VALUE_MB says`;
}
