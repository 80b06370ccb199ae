import {
  foreignRedactionOf,
  type MessageDefinition,
  type Redaction,
  redact,
  redactionOf,
  runLifeEvents,
} from '@interlock/contracts';
import type { Part } from '@interlock/log';
import { z } from 'zod';
import type { ShownEvent } from './audit.record.js';

/** How the arguments of a tool are classified; undefined: its manifest has not been read here, which is no answer. */
export type ToolRedactions = (toolHash: string) => Redaction | undefined;

/** The manifest of this tool is needed before the event can be shown. */
export class ManifestNeeded extends Error {
  constructor(readonly toolHash: string) {
    super(`the manifest of tool ${toolHash} has not been read`);
    this.name = 'ManifestNeeded';
  }
}

/** A list of personal items grows when they are left out. Beyond this, all events of a record that grew are left out whole. */
const SHOWN_BYTES_MAX = 700 * 1024;
const tooLarge = Buffer.from('{"redacted":"too-large"}');
const redactions = new Map(runLifeEvents.flatMap((definition) => versionsOf(definition)));

/** Whether this release knows what may be shown of the data of `wire`, `type/version`. */
export const isShowable = (wire: string): boolean => redactions.has(wire);

/**
 * What other systems see of the events of a record: the data as they are where nothing is left out. It depends on the record and on the
 * schemas that it names by their hashes or holds itself; never on what else was read.
 * @throws {ManifestNeeded}
 */
export function shownParts(parts: readonly Part[], tools: ToolRedactions): ShownEvent[] {
  const shown = parts.map((part) => ({ part, data: redacted(part, tools) }));
  const values = shown.map(({ data }) => Buffer.from(JSON.stringify(data)));
  const isTooLarge = values.reduce((sum, { length }) => sum + length, 0) > SHOWN_BYTES_MAX;
  return shown.map(({ part: { wire, part, data: recorded }, data }, place) => {
    const value = isTooLarge && data !== recorded ? tooLarge : (values[place] ?? tooLarge);
    return { wire, part, value };
  });
}

function redacted({ wire, data }: Part, tools: ToolRedactions): unknown {
  const redaction = redactions.get(wire);
  if (redaction === undefined) throw new Error(`${wire} is not an event of this release`);
  return redact(redaction, data, (schema, beside) =>
    schema === 'tool-input' ? toolInput(beside, tools) : workflowInput(beside),
  );
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
