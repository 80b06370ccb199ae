import { DeclaredFailure, type Tool, type ToolContext } from '@interlock/tools';
import type { CallEffect, CallEnd } from './call.effect.js';
import { compensationOfFound, type Warn } from './compensation.js';
import { type HowToRun, runTool } from './tool-run.js';

/** What a call's code is told about it. */
export interface CallFacts {
  readonly idempotencyKey: string;
  readonly deadline: number;
  readonly attempt: number;
}

export const toolContext = (facts: CallFacts, signal: AbortSignal, log: Warn): ToolContext => ({
  idempotencyKey: facts.idempotencyKey,
  deadline: facts.deadline,
  attempt: facts.attempt,
  signal,
  fail: (failure) => {
    throw new DeclaredFailure(failure);
  },
  log: (message, fields) => log(message, fields ?? {}),
});

/** Performs a call with the tools at hand. A verification that has found its write also says how to undo that. */
export async function performCall(
  tools: ReadonlyMap<string, Tool>,
  call: Pick<CallEffect, 'toolHash' | 'arguments' | 'verifies'> & Pick<HowToRun, 'outputBytesMax'>,
  context: ToolContext,
  now: () => number,
  warn: Warn,
): Promise<CallEnd> {
  const tool = tools.get(call.toolHash);
  if (tool === undefined) return { kind: 'not_performed', because: 'the tool is not loaded any more' };
  const { outputBytesMax } = call;
  const how = { isVerification: call.verifies !== undefined, outputBytesMax };
  const end = await runTool(tool, call.arguments, context, now, warn, how);
  if (end.kind !== 'succeeded' || call.verifies === undefined) return end;
  const { tool: name, toolHash } = call.verifies;
  const written = tools.get(toolHash);
  if (written !== undefined) {
    return { ...end, ...compensationOfFound(written, call.arguments, end.output, warn) };
  }
  warn(`${name} is not loaded here: if it happened, nothing can undo it`, { tool: name });
  return end;
}
