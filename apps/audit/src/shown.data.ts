import {
  foreignRedactionOf,
  type MessageDefinition,
  type Redaction,
  redact,
  redactionOf,
  runLifeEvents,
} from '@interlock/contracts';
import { z } from 'zod';

/** How the arguments of a tool are classified; undefined: its manifest has not been read here, which is no answer. */
export type ToolRedactions = (toolHash: string) => Redaction | undefined;

/** The manifest of this tool is needed before the event can be shown. */
export class ManifestNeeded extends Error {
  constructor(readonly toolHash: string) {
    super(`the manifest of tool ${toolHash} has not been read`);
    this.name = 'ManifestNeeded';
  }
}

/** A list of personal items grows when they are left out; beyond this all of it is. */
const SHOWN_BYTES_MAX = 768 * 1024;
const tooLarge = Buffer.from('{"redacted":"too-large"}');
const decoder = new TextDecoder('utf-8', { fatal: true });
const redactions = new Map(runLifeEvents.flatMap((definition) => versionsOf(definition)));

/** Whether this release knows what may be shown of the data of `wire`, `type/version`. */
export const isShowable = (wire: string): boolean => redactions.has(wire);

/**
 * What other systems see of an event's data: the very same bytes where nothing is left out. It depends on the event and on the schemas
 * that the event names by their hashes or holds itself; never on what else was read.
 * @throws {ManifestNeeded}
 */
export function shownData(wire: string, value: Uint8Array, tools: ToolRedactions): Uint8Array {
  const redaction = redactions.get(wire);
  if (redaction === undefined) throw new Error(`${wire} is not an event of this release`);
  const data: unknown = JSON.parse(decoder.decode(value));
  const shown = redact(redaction, data, (schema, beside) =>
    schema === 'tool-input' ? toolInput(beside, tools) : workflowInput(beside),
  );
  if (shown === data) return value;
  const bytes = Buffer.from(JSON.stringify(shown));
  return bytes.length > SHOWN_BYTES_MAX ? tooLarge : bytes;
}

function toolInput({ toolHash }: Readonly<Record<string, unknown>>, tools: ToolRedactions): Redaction {
  if (typeof toolHash !== 'string') return foreignRedactionOf(undefined);
  const redaction = tools(toolHash);
  if (redaction === undefined) throw new ManifestNeeded(toolHash);
  return redaction;
}

const workflowInput = ({ compiled }: Readonly<Record<string, unknown>>): Redaction =>
  foreignRedactionOf((compiled as { inputSchema?: unknown } | null | undefined)?.inputSchema);

function versionsOf({ type, wire, schema, past }: MessageDefinition): [string, Redaction][] {
  const of = (one: z.ZodType) => redactionOf(z.toJSONSchema(one, { io: 'input' }));
  return [
    [wire, of(schema)],
    ...past.map((one): [string, Redaction] => [`${type}/${one.version}`, of(one.schema)]),
  ];
}
