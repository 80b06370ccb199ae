import type { Failure } from '@interlock/contracts';
import { classify, DeclaredFailure, type Tool, type ToolContext } from '@interlock/tools';
import { z } from 'zod';
import type { CallEnd } from './call.effect.js';
import { compensationOf, type Warn } from './compensation.js';

/** A tool's output as JSON; a larger one breaks its contract. */
export const OUTPUT_BYTES_MAX = 256 * 1024;
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
): Promise<CallEnd> {
  let output: unknown;
  try {
    output = await tool.run(tool.inputSchema.parse(input), context);
  } catch (thrown) {
    return thrown instanceof DeclaredFailure ? declared(tool, thrown) : undeclared(tool, thrown, now());
  }
  return checked(tool, input, output, warn);
}

function checked(tool: Tool, input: unknown, output: unknown, warn: Warn): CallEnd {
  const parsed = tool.outputSchema.safeParse(output);
  if (!parsed.success) return invalidOutput('schema', z.prettifyError(parsed.error));
  let text: string | undefined;
  try {
    text = JSON.stringify(parsed.data);
  } catch (error) {
    return invalidOutput('not_json', String(error));
  }
  if (text === undefined) return invalidOutput('not_json', 'the output is not a JSON value');
  const bytes = Buffer.byteLength(text);
  if (bytes > OUTPUT_BYTES_MAX)
    return invalidOutput('too_large', `${bytes} bytes; at most ${OUTPUT_BYTES_MAX}`);
  // The tool may have changed what it was given, so its input is parsed once more.
  const happened = () => ({ input: tool.inputSchema.parse(input), output: parsed.data });
  return { kind: 'succeeded', output: JSON.parse(text), ...compensationOf(tool, happened, warn) };
}

function declared(tool: Tool, { failure }: DeclaredFailure): CallEnd {
  const parsed = tool.failureSchema?.safeParse(failure);
  if (!parsed?.success) {
    return uncertain(tool, {
      class: 'internal',
      code: 'undeclared_failure',
      message: `the tool failed in a way it has not declared: ${JSON.stringify(failure)?.slice(0, 500)}`,
    });
  }
  const { code, message } = parsed.data as { code?: unknown; message?: unknown };
  const name = typeof code === 'string' ? code.slice(0, 200) : 'declared';
  const text = typeof message === 'string' ? message.slice(0, 4_000) : name;
  return failed({ class: 'domain', code: name, message: text, ...fitting(parsed.data) });
}

/** The data of a failure, if JSON can say them and they fit beside the rest: what they explain is known without them. */
function fitting(data: unknown): { readonly data?: unknown } {
  try {
    return Buffer.byteLength(JSON.stringify(data) ?? '') <= FAILURE_BYTES_MAX ? { data } : {};
  } catch {
    return {};
  }
}

function undeclared(tool: Tool, thrown: unknown, now: number): CallEnd {
  const { failure, performed } = classify(thrown, now);
  return performed === 'no' ? failed(failure) : uncertain(tool, failure);
}

const uncertain = (tool: Tool, failure: Failure): CallEnd =>
  tool.manifest.effect === 'read'
    ? failed(failure)
    : { kind: 'unknown', because: `${failure.class} ${failure.code}: ${failure.message}` };

const failed = (failure: Failure): CallEnd => ({ kind: 'failed', failure });

const invalidOutput = (code: string, message: string): CallEnd =>
  failed({ class: 'invalid_output', code, message: message.slice(0, 4_000) });
