import { type Compensation, described, errorText, problemOf } from '@interlock/contracts';
import type { Tool } from '@interlock/tools';
import { z } from 'zod';

/** As JSON; a larger compensation is left to people. */
export const COMPENSATION_BYTES_MAX = 64 * 1024;

export type Warn = (message: string, fields: Readonly<Record<string, unknown>>) => void;

export interface Happened {
  readonly input: unknown;
  readonly output: unknown;
}

/**
 * The call that undoes one that happened, if its tool says how. The tool's own code computes it after the outcome is known: a failure here
 * loses the compensation, with a warning, and never the outcome.
 */
export function compensationOf(
  { manifest, compensateWith }: Tool,
  happened: () => Happened,
  warn: Warn,
): { readonly compensation?: Compensation } {
  const { name, compensate } = manifest;
  if (manifest.effect !== 'write' || compensate === undefined || compensateWith === undefined) return {};
  try {
    return { compensation: { tool: compensate.tool, arguments: jsonOf(compensateWith(happened())) } };
  } catch (error) {
    const problem = errorText(error);
    warn(`${name} happened, and nothing can undo it: ${problem}`.slice(0, 4_000), {
      tool: name,
      compensatedBy: compensate.tool,
    });
    return {};
  }
}

const verification = z.object({ input: z.unknown() });
const found = z.object({ found: z.literal(true), output: z.unknown() });

/** The call that undoes the write that a verification has found; nothing when it has found none. */
export function compensationOfFound(
  written: Tool,
  argumentsOfVerification: unknown,
  outputOfVerification: unknown,
  warn: Warn,
): { readonly compensation?: Compensation } {
  const result = found.safeParse(outputOfVerification);
  if (!result.success) return {};
  const happened = (): Happened => ({
    input: written.inputSchema.parse(verification.parse(argumentsOfVerification).input),
    output: written.outputSchema.parse(result.data.output),
  });
  return compensationOf(written, happened, warn);
}

/** Tools whose compensation is not among `tools`: their rollback would fail when it is needed. */
export function withoutCompensation(
  tools: readonly Pick<Tool, 'manifest'>[],
): { tool: string; compensatedBy: string }[] {
  const names = new Set(tools.map(({ manifest }) => manifest.name));
  return tools.flatMap(({ manifest: { name, compensate } }) =>
    compensate === undefined || names.has(compensate.tool)
      ? []
      : [{ tool: name, compensatedBy: compensate.tool }],
  );
}

/** @throws {TypeError} JSON cannot say it without loss, or it is too large */
function jsonOf(value: unknown): unknown {
  if (value instanceof Promise) {
    // Nobody waits for it, and a rejection that nobody handles would end the process.
    value.catch(() => {});
    throw new TypeError('compensate.with has to answer at once, not with a promise');
  }
  const text = JSON.stringify(value, (key, part: unknown) => {
    if (part !== undefined && !isJsonPart(part)) throw new TypeError(`${key || 'it'} is not a JSON value`);
    return part;
  });
  if (text === undefined) throw new TypeError('compensate.with answered nothing');
  const bytes = Buffer.byteLength(text);
  if (bytes > COMPENSATION_BYTES_MAX)
    throw new TypeError(`its arguments have ${bytes} bytes, more than ${COMPENSATION_BYTES_MAX}`);
  const json: unknown = JSON.parse(text);
  const problem = problemOf(json);
  if (problem !== undefined) throw new TypeError(described(problem));
  return json;
}

function isJsonPart(part: unknown): boolean {
  if (typeof part === 'number') return Number.isFinite(part);
  if (typeof part !== 'object') return typeof part === 'boolean' || typeof part === 'string';
  if (part === null || Array.isArray(part)) return true;
  const prototype = Object.getPrototypeOf(part);
  return prototype === Object.prototype || prototype === null;
}
