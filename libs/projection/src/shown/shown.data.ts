import { foreignRedactionOf, type Redaction, redact, storedData } from '@interlock/contracts';
import type { Part } from '@interlock/log';
import type { ShownEvent } from './audit.record.js';
import { presentCatalogue, type RedactionCatalogue } from './redaction.catalogue.js';

/** How the arguments of a tool are classified; undefined: its manifest has not been read here, so this is not known. */
export type ToolRedactions = (toolHash: string) => Redaction | undefined;

/** The manifest of this tool is needed before the event can be shown. */
export class ManifestNeeded extends Error {
  constructor(readonly toolHash: string) {
    super(`the manifest of tool ${toolHash} has not been read`);
    this.name = 'ManifestNeeded';
  }
}

/** What goes where the events of a record are too large together: data that grew when something was left out, or all data. */
export type LeftOut = 'nothing' | 'what grew' | 'all';

const tooLarge = Buffer.from('{"redacted":"too-large"}');

/** Whether this release knows what may be shown of the data of `wire`, `type/version`. */
export const isShowable = (wire: string): boolean => presentCatalogue.has(wire);

/**
 * What other systems see of the events of a record: the data as they are where nothing is left out. It depends on the record and on the
 * schemas that it names by their hashes or holds itself; never on what else was read.
 * @throws {ManifestNeeded}
 */
export const shownParts = (
  parts: readonly Part[],
  tools: ToolRedactions,
  leftOut: LeftOut = 'nothing',
  catalogue = presentCatalogue,
): ShownEvent[] =>
  parts.map((one) => {
    const data = redacted(one, tools, catalogue);
    const isLeftOut = leftOut === 'all' || (leftOut === 'what grew' && data !== one.data);
    return {
      wire: one.wire,
      part: one.part,
      value: isLeftOut ? tooLarge : Buffer.from(JSON.stringify(storedData(one.wire, data, one.meta.run))),
    };
  });

function redacted({ wire, data }: Part, tools: ToolRedactions, catalogue: RedactionCatalogue): unknown {
  const redaction = catalogue.get(wire);
  if (redaction === undefined) throw new Error(`${wire} is no event of the release that told of it`);
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
