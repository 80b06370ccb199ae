import { APPEND_BYTES_MAX, type NewRecord } from '@interlock/broker';
import { type CodeOf, runEvents } from '@interlock/contracts';
import { partsOf } from '@interlock/log';
import { auditRecord, type RunRecord } from './audit.record.js';
import type { RedactionCatalogue } from './redaction.catalogue.js';
import { isShowable, ManifestNeeded, shownParts, type ToolRedactions } from './shown.data.js';

/** What the signed head of a run takes behind its events, at most: its headers name the run three times. */
export const HEAD_BYTES_MAX = 2_048;

/** A newer release wrote it: only that one knows what may be shown of it. */
export class UpgradeNeeded extends Error {
  readonly code = 'audit.upgrade' satisfies CodeOf<'fault'>;

  constructor(wire: string, partition: number, offset: number) {
    super(`an upgrade: ${runEvents.name}/${partition} holds ${wire} at offset ${offset}`);
    this.name = 'UpgradeNeeded';
  }
}

/** An accepted event whose data is not what its type says. Nothing may be published in its place, and nothing behind it. */
export class UnreadableEventError extends Error {
  readonly code = 'audit.unreadable' satisfies CodeOf<'fault'>;

  constructor(partition: number, offset: number, cause: unknown) {
    super(`${runEvents.name}/${partition} at offset ${offset} cannot be shown: ${String(cause)}`, { cause });
    this.name = 'UnreadableEventError';
  }
}

/** How arguments of tools are classified, and a way to wait for what has not been read. */
export interface ManifestView {
  readonly redactionOf: ToolRedactions;
  settle(toolHash: string): Promise<void>;
}

/** @throws {UpgradeNeeded} */
export function mustBeKnown({ wires, offset }: RunRecord, partition: number): void {
  const unknown = wires.find((wire) => !isShowable(wire));
  if (unknown !== undefined) throw new UpgradeNeeded(unknown, partition, offset);
}

/**
 * What the stream holds of the events of one record. Equal for equal records and catalogues, whoever asks and whenever.
 * @throws {UnreadableEventError}
 */
export async function shownRecords(
  taken: RunRecord,
  partition: number,
  catalogue: RedactionCatalogue,
  manifests: ManifestView,
): Promise<NewRecord[]> {
  for (;;) {
    try {
      return fitting(taken, catalogue, manifests.redactionOf);
    } catch (error) {
      if (!(error instanceof ManifestNeeded)) throw new UnreadableEventError(partition, taken.offset, error);
      await manifests.settle(error.toolHash);
    }
  }
}

/**
 * The events of one record, which go into one append: a list of personal items grows when they are left out, and headers name the run
 * and the cause once an event. What is left out then follows from the record alone.
 */
function fitting(taken: RunRecord, catalogue: RedactionCatalogue, tools: ToolRedactions): NewRecord[] {
  const parts = partsOf(taken, taken.record.value);
  for (const leftOut of ['nothing', 'what grew', 'all'] as const) {
    const shown = shownParts(parts, tools, leftOut, catalogue);
    const records = shown.map((event) => auditRecord(taken, event));
    if (records.reduce((sum, record) => sum + sizeOf(record), HEAD_BYTES_MAX) <= APPEND_BYTES_MAX)
      return records;
  }
  throw new RangeError(`its ${parts.length} events do not fit one append of the audit stream`);
}

export function sizeOf({ key, headers, value }: NewRecord): number {
  let size = Buffer.byteLength(key) + (value?.byteLength ?? 0);
  for (const name in headers) size += name.length + (headers[name]?.byteLength ?? 0);
  return size;
}
