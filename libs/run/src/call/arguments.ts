import type { Failure } from '@interlock/contracts';
import { normalised } from '@interlock/schema';
import type { DecisionDraft } from '../decision.draft.js';
import { jsonBytes } from '../json-bytes.js';
import { takenBy } from '../migration/takes.js';
import { misfitText } from '../misfit.js';

/** As JSON. Policy refuses larger ones, and a request has to fit into one event. */
const ARGUMENTS_BYTES_MAX = 256 * 1024;

/**
 * The arguments of a call in its one form: as the tool's manifest takes them, without a field that it does not declare, with
 * its defaults. Policy judges, people see and the tool gets this form, and a repetition of the call uses it as recorded.
 * @returns what stands against the call: nobody is asked about it then
 */
export function argumentsOf(
  draft: DecisionDraft,
  { name, toolHash }: { readonly name: string; readonly toolHash: string },
  given: unknown,
): { readonly arguments: unknown } | Failure {
  const unjudged = tooLarge(given);
  if (unjudged !== undefined) return unjudged;
  const schema = takenBy(draft.state, toolHash);
  if (schema === undefined) return unknownTool(name);
  const result = normalised(schema, given);
  if ('value' in result) return tooLarge(result.value) ?? { arguments: result.value };
  const { misfit } = result;
  const code = misfit.code === 'schema.too_expensive' ? misfit.code : 'arguments.refused';
  return { class: 'invalid_input', code, message: `${name} does not take them: ${misfitText(misfit)}` };
}

function tooLarge(args: unknown): Failure | undefined {
  const bytes = jsonBytes(args);
  if (bytes <= ARGUMENTS_BYTES_MAX) return undefined;
  const message = `the arguments have ${bytes} bytes; at most ${ARGUMENTS_BYTES_MAX}`;
  return { class: 'invalid_input', code: 'arguments.too_large', message };
}

const unknownTool = (name: string): Failure => ({
  class: 'internal',
  code: 'arguments.unknown_tool',
  message: `the workflow does not say what ${name} takes`,
});
