import type { CodeOf } from '@interlock/contracts';
import {
  durationForms,
  errorText,
  hashOf,
  issuesText,
  parseDelay,
  parseDuration,
  type ToolManifest,
  toolManifest,
} from '@interlock/contracts';
import { checkSchema, type SchemaProblem } from '@interlock/schema';
import { z } from 'zod';
import { inputFlaws } from './input.schema.js';
import type { RecoverySpec, Tool, ToolSpec } from './tool.js';

/** The definition of a tool breaks a rule; the message names the tool and the rule. */
export class ToolDefinitionError extends Error {
  readonly code = 'tool.definition' satisfies CodeOf<'fault'>;
  constructor(name: string, problem: string, options?: ErrorOptions) {
    super(`tool ${name}: ${problem}`, options);
    this.name = 'ToolDefinitionError';
  }
}

const defined = new WeakSet<object>();

/** Whether `value` came from `defineTool`. */
export const isTool = (value: unknown): value is Tool =>
  typeof value === 'object' && value !== null && defined.has(value);

type AnySpec = ToolSpec<z.ZodType, z.ZodType, z.ZodType>;

/**
 * A tool from its definition: manifest, hash and code.
 * @throws {ToolDefinitionError} a write without recovery, a bad duration, a schema that JSON Schema cannot express, an input schema that
 * would change its input
 */
export function defineTool<In extends z.ZodType, Out extends z.ZodType, Fail extends z.ZodType = z.ZodNever>(
  spec: ToolSpec<In, Out, Fail>,
): Tool {
  const manifest = manifestOf(spec as unknown as AnySpec);
  const tool: Tool = Object.freeze({
    manifest,
    toolHash: hashOf(manifest),
    inputSchema: spec.input,
    outputSchema: spec.output,
    failureSchema: spec.failure,
    run: spec.run as Tool['run'],
    compensateWith: spec.compensate?.with as Tool['compensateWith'],
  });
  defined.add(tool);
  return tool;
}

/** The same tool under another name, with the names of the tools that recover and undo its calls. */
export function renamedTool(tool: Tool, nameOf: (name: string) => string): Tool {
  const { recovery, compensate, ...rest } = tool.manifest;
  const manifest: ToolManifest = {
    ...rest,
    name: nameOf(rest.name),
    ...(recovery && {
      recovery: recovery.by === 'verify' ? { ...recovery, tool: nameOf(recovery.tool) } : recovery,
    }),
    ...(compensate && { compensate: { tool: nameOf(compensate.tool) } }),
  };
  const renamed: Tool = Object.freeze({ ...tool, manifest, toolHash: hashOf(manifest) });
  defined.add(renamed);
  return renamed;
}

function manifestOf(spec: AnySpec): ToolManifest {
  const name = typeof spec.name === 'string' ? spec.name : '(without a name)';
  if (typeof spec.run !== 'function') throw new ToolDefinitionError(name, 'run is missing');
  if ('labels' in spec) throw new ToolDefinitionError(name, 'labels are not enforced yet: leave them out');
  if (spec.effect === 'write' && spec.recovery === undefined) {
    throw new ToolDefinitionError(
      name,
      'a write needs recovery: by idempotency-key, by verify, or by ask-human',
    );
  }
  const written = attempt(name, () => describe(name, spec));
  const parsed = toolManifest.safeParse(written);
  if (!parsed.success) throw new ToolDefinitionError(name, issuesText(parsed.error));
  const manifest = parsed.data;
  attempt(name, () => refuseFlaws(name, spec.input, manifest));
  return manifest;
}

/** The code gets what the manifest says, and the hash of the manifest is the same in every process. */
function refuseFlaws(name: string, input: z.ZodType, { input: schema }: ToolManifest): void {
  const flaws = [...inputFlaws(input), ...checkSchema(schema).map(below('input'))];
  if (flaws.length === 0) return;
  throw new ToolDefinitionError(name, flaws.map(({ path, message }) => `${path}: ${message}`).join('; '));
}

const below =
  (part: string) =>
  ({ path, message }: SchemaProblem): SchemaProblem => ({
    path: path === '' ? part : `${part}.${path}`,
    message,
  });

/** What is hashed is what is published: JSON, without absent fields. */
function describe(name: string, spec: AnySpec): unknown {
  return JSON.parse(
    JSON.stringify({
      name: spec.name,
      version: spec.version,
      description: spec.description,
      input: jsonSchema(name, 'input', spec.input),
      output: jsonSchema(name, 'output', spec.output),
      failure: spec.failure && jsonSchema(name, 'failure', spec.failure),
      effect: spec.effect,
      risk: spec.risk,
      audience: spec.audience,
      recovery: spec.recovery && recoveryOf(spec.recovery),
      compensate: spec.compensate && { tool: spec.compensate.tool },
      timeoutMs: millisecondsOf('timeout', spec.timeout),
      rateLimit: spec.rateLimit,
      costUsd: spec.cost ?? 0,
      origin: 'function',
      pool: spec.pool ?? 'default',
    }),
  );
}

function recoveryOf(recovery: RecoverySpec): unknown {
  if (recovery.by === 'idempotency-key') return recovery;
  const { settleAfter, ...rest } = recovery;
  return { ...rest, settleAfterMs: millisecondsOf('recovery.settleAfter', settleAfter, parseDelay) };
}

function millisecondsOf(field: string, text: string, parse = parseDuration): number {
  const ms = parse(text);
  if (ms === undefined) throw new TypeError(`${field} must be ${durationForms}, not ${JSON.stringify(text)}`);
  return ms;
}

function jsonSchema(tool: string, part: string, schema: z.ZodType): unknown {
  if (!(schema instanceof z.ZodType)) throw new ToolDefinitionError(tool, `${part} is not a zod schema`);
  return z.toJSONSchema(schema, { io: 'input' });
}

function attempt<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ToolDefinitionError) throw error;
    throw new ToolDefinitionError(name, errorText(error), {
      cause: error,
    });
  }
}
