import type { Failure } from '@interlock/contracts';
import type { CompiledToolStep } from '@interlock/language';
import { normalised } from '@interlock/schema';
import type { DecisionDraft } from '../decision.draft.js';
import { jsonBytes } from '../json-bytes.js';
import { takenBy } from '../migration/takes.js';
import { misfitText } from '../misfit.js';
import { moreWith } from '../output.size.js';

/** As JSON. Policy refuses larger ones in the log, and a request has to fit into one event. */
const ARGUMENTS_BYTES_MAX = 256 * 1024;

/** How large arguments may be, and how more is passed. */
interface Bound {
  readonly bytesMax: number;
  readonly more: string;
}

/** Of a call whose arguments stay in the log: one that a model proposes, or that undoes another. */
const inLog: Bound = { bytesMax: ARGUMENTS_BYTES_MAX, more: ' of a call that no tool step makes' };

/** Of the call of a step. What a verify tool is asked repeats the arguments in the log, so they stay there. */
function boundOf(draft: DecisionDraft, { recovery }: CompiledToolStep): Bound {
  const { values } = draft.settings;
  if (recovery?.by === 'verify')
    return {
      bytesMax: ARGUMENTS_BYTES_MAX,
      more: `, as ${recovery.tool.name} is asked about them in the log`,
    };
  return values === undefined
    ? { bytesMax: ARGUMENTS_BYTES_MAX, more: moreWith(draft) }
    : { bytesMax: values.valueBytesMax, more: ', as INTERLOCK_VALUE_MB says' };
}

/**
 * The arguments of a step's call, by reference where they are too large for the log.
 * @throws {ValuesAwaited}
 * @throws {UnreadableValue}
 */
export function argumentsOfStep(
  draft: DecisionDraft,
  definition: CompiledToolStep,
  given: unknown,
): { readonly arguments: unknown } | Failure {
  const { tool: name, toolHash, recovery } = definition;
  const made = argumentsOf(draft, { name, toolHash }, given, boundOf(draft, definition));
  return 'class' in made || recovery?.by === 'verify'
    ? made
    : { arguments: draft.values.kept(made.arguments) };
}

/**
 * The arguments of a call in its one form: as the tool's manifest takes them, without a field that it does not declare, with
 * its defaults. Policy judges, people see and the tool gets this form, and a repetition of the call uses it as recorded.
 * @returns what stands against the call: nobody is asked about it then
 */
export function argumentsOf(
  draft: DecisionDraft,
  { name, toolHash }: { readonly name: string; readonly toolHash: string },
  given: unknown,
  bound = inLog,
): { readonly arguments: unknown } | Failure {
  const unjudged = tooLarge(given, bound);
  if (unjudged !== undefined) return unjudged;
  const schema = takenBy(draft.state, toolHash);
  if (schema === undefined) return unknownTool(name);
  const result = normalised(schema, given);
  if ('value' in result) return tooLarge(result.value, bound) ?? { arguments: result.value };
  const { misfit } = result;
  const code = misfit.code === 'schema.too_expensive' ? misfit.code : 'arguments.refused';
  return { class: 'invalid_input', code, message: `${name} does not take them: ${misfitText(misfit)}` };
}

function tooLarge(args: unknown, { bytesMax, more }: Bound): Failure | undefined {
  const bytes = jsonBytes(args);
  if (bytes <= bytesMax) return undefined;
  const message = `the arguments have ${bytes} bytes; at most ${bytesMax}${more}`;
  return { class: 'invalid_input', code: 'arguments.too_large', message };
}

const unknownTool = (name: string): Failure => ({
  class: 'internal',
  code: 'arguments.unknown_tool',
  message: `the workflow does not say what ${name} takes`,
});
