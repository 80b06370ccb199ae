import type { Failure } from '@interlock/contracts';
import { jsonBytes } from './json-bytes.js';

/** As JSON: as much as a tool may answer. */
const OUTPUT_BYTES_MAX = 256 * 1024;

/** Why an output of the workflow is refused: it has to fit into one event. */
export function outputTooLarge(output: unknown): Failure | undefined {
  const bytes = jsonBytes(output);
  if (bytes <= OUTPUT_BYTES_MAX) return undefined;
  const message = `the output has ${bytes} bytes; at most ${OUTPUT_BYTES_MAX}`;
  return { class: 'invalid_output', code: 'output.too_large', message };
}
