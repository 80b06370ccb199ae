import {
  type CodedFailure,
  type CodeOf,
  described,
  errorText,
  fieldOf,
  foreignCode,
  hashOf,
  problemOf,
} from '@interlock/contracts';
import { classify, DeclaredFailure, type Tool, type ToolContext } from '@interlock/tools';
import { z } from 'zod';
import type { CallEnd } from './call.effect.js';
import { compensationOf, type Warn } from './compensation.js';

/** A tool's output as JSON, where it goes into the log; a larger one breaks its contract. */
export const OUTPUT_BYTES_MAX = 256 * 1024;

/** Besides what it is given. */
export interface HowToRun {
  /** It asks what became of a write: it gets `{ key, input }`, and its answer stays in the log. */
  readonly isVerification?: boolean | undefined;
  /** The largest output that is kept; absent: what fits into the log. */
  readonly outputBytesMax?: number | undefined;
}
/** What a declared failure says of itself, as JSON; more is left out. */
const FAILURE_BYTES_MAX = 64 * 1024;

/**
 * Runs a tool's code and says how it ended; never rejects.
 *
 * A write that threw after it may have reached its target is `unknown`, whatever the class: repeating it would be hoping. A
 * write whose output breaks the contract did happen; it is `failed` with class `invalid_output`.
 */
export async function runTool(
  tool: Tool,
  input: unknown,
  context: ToolContext,
  now: () => number,
  warn: Warn,
  how: HowToRun = {},
): Promise<CallEnd> {
  const problem = inputProblem(tool, input, how.isVerification === true);
  if (problem !== undefined) return { kind: 'refused', message: problem };
  let output: unknown;
  try {
    output = await tool.run(tool.inputSchema.parse(input), context);
  } catch (thrown) {
    return thrown instanceof DeclaredFailure ? declared(tool, thrown) : undeclared(tool, thrown, now());
  }
  return checked(tool, input, output, warn, how);
}

/**
 * Why the tool does not take this input. People have approved it as it is, so what its own schema would change is refused; a tool
 * that verifies reads of `{ key, input }` what it needs. The schema may hold the author's code, which may throw.
 */
function inputProblem(tool: Tool, input: unknown, isVerification: boolean): string | undefined {
  try {
    const parsed = tool.inputSchema.safeParse(input);
    if (!parsed.success) return z.prettifyError(parsed.error).slice(0, 4_000).toWellFormed();
    if (isVerification || hashOf(parsed.data) === hashOf(input)) return undefined;
    return 'its schema would change what was approved';
  } catch (error) {
    return `its schema cannot be asked: ${String(error)}`.slice(0, 4_000).toWellFormed();
  }
}

function checked(tool: Tool, input: unknown, output: unknown, warn: Warn, how: HowToRun): CallEnd {
  const parsed = tool.outputSchema.safeParse(output);
  if (!parsed.success) return invalidOutput('schema', z.prettifyError(parsed.error));
  const json = asJson(parsed.data, how);
  if ('refused' in json) return json.refused;
  // The tool may have changed what it was given, so its input is parsed once more.
  const happened = () => ({ input: tool.inputSchema.parse(input), output: parsed.data });
  return { kind: 'succeeded', output: json.value, ...compensationOf(tool, happened, warn) };
}

/** The output as it is recorded, or why nothing behind this line could take it. */
function asJson(
  output: unknown,
  { isVerification, outputBytesMax = OUTPUT_BYTES_MAX }: HowToRun = {},
): { readonly value: unknown } | { readonly refused: CallEnd } {
  let text: string | undefined;
  try {
    text = JSON.stringify(output, refuseLost);
  } catch (error) {
    return { refused: invalidOutput('not_json', errorText(error)) };
  }
  if (text === undefined) return { refused: invalidOutput('not_json', 'the output is not a JSON value') };
  const bytes = Buffer.byteLength(text);
  const bytesMax = isVerification === true ? OUTPUT_BYTES_MAX : outputBytesMax;
  if (bytes > bytesMax)
    return {
      refused: invalidOutput(
        'too_large',
        `${bytes} bytes; at most ${bytesMax}${raisedBy(bytesMax, isVerification)}`,
      ),
    };
  const value: unknown = JSON.parse(text);
  const problem = problemOf(value, { charsMax: Math.max(bytes, OUTPUT_BYTES_MAX) });
  return problem === undefined ? { value } : { refused: invalidOutput('not_a_value', described(problem)) };
}

/** How more is taken. */
function raisedBy(bytesMax: number, isVerification: boolean | undefined): string {
  if (isVerification === true) return ': the answer to a verification stays in the log';
  return bytesMax > OUTPUT_BYTES_MAX
    ? ', as INTERLOCK_VALUE_MB says'
    : ' without a store: set INTERLOCK_STORE_URL, and larger outputs are kept there';
}

/** JSON would say null for it without a word. */
function refuseLost(_key: string, part: unknown): unknown {
  if (typeof part === 'number' && !Number.isFinite(part)) throw new TypeError(`${part} is not a JSON number`);
  return part;
}

function declared(tool: Tool, { failure }: DeclaredFailure): CallEnd {
  const parsed = tool.failureSchema?.safeParse(failure);
  if (!parsed?.success) {
    return uncertain(tool, {
      class: 'internal',
      code: 'undeclared_failure',
      message: `the tool failed in a way it has not declared: ${shown(failure)}`,
    });
  }
  const code = fieldOf(parsed.data, 'code');
  const message = fieldOf(parsed.data, 'message');
  const name = foreignCode(typeof code === 'string' ? code : 'declared');
  const text = typeof message === 'string' ? message.slice(0, 4_000).toWellFormed() : name;
  return failed({ class: 'domain', code: name, message: text, ...fitting(parsed.data) });
}

/** The data of a failure, if they are a value and fit beside the rest: what they explain is known without them. */
function fitting(data: unknown): { readonly data?: unknown } {
  const json = asJson(data);
  if ('refused' in json) return {};
  return Buffer.byteLength(JSON.stringify(json.value)) <= FAILURE_BYTES_MAX ? { data: json.value } : {};
}

function shown(failure: unknown): string {
  const json = asJson(failure);
  return 'refused' in json
    ? 'with details that are not JSON'
    : JSON.stringify(json.value).slice(0, 500).toWellFormed();
}

function undeclared(tool: Tool, thrown: unknown, now: number): CallEnd {
  const { failure, performed } = classify(thrown, now);
  return performed === 'no' ? failed(failure) : uncertain(tool, failure);
}

const uncertain = (tool: Tool, failure: CodedFailure): CallEnd =>
  tool.manifest.effect === 'read'
    ? failed(failure)
    : {
        kind: 'unknown',
        because: `${failure.class} ${failure.code}: ${failure.message}`,
        class: failure.class,
      };

const failed = (failure: CodedFailure): CallEnd => ({ kind: 'failed', failure });

const invalidOutput = (code: CodeOf<'tool'>, message: string): CallEnd =>
  failed({ class: 'invalid_output', code, message: message.slice(0, 4_000).toWellFormed() });
