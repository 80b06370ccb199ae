import type { Broker, StoredRecord } from '@interlock/broker';
import type { CodeOf } from '@interlock/contracts';
import { auditEvents, runEvents } from '@interlock/contracts';
import { open, type Position } from '@interlock/log';
import { isCatalogue, sourceOf } from '@interlock/projection';

/** How far the audit stream of a partition goes. */
export interface AuditTail {
  /** The offset that the next record of `audit.events` gets. */
  readonly end: number;
  /** Where to go on in `run.events`; undefined: nothing that is there says. */
  readonly next?: Position;
  /** The catalogue that stands behind that, as packed; undefined: none does. */
  readonly catalogue?: Uint8Array | undefined;
}

/** `audit.events` tells of events that `run.events` does not hold: one of the two topics was put back or replaced. People must look. */
export class ForeignAuditError extends Error {
  readonly code = 'audit.foreign' satisfies CodeOf<'fault'>;

  constructor(partition: number, offset: number) {
    super(
      `${auditEvents.name}/${partition} goes up to offset ${offset} of ${runEvents.name}/${partition}, but another record is there: the two topics do not belong together`,
    );
    this.name = 'ForeignAuditError';
  }
}

const STEP = 64;

/**
 * Reads how far the stream goes, back from its end.
 * @throws {ForeignAuditError}
 */
export async function auditTail(broker: Broker, partition: number): Promise<AuditTail> {
  const { start, end } = await broker.bounds(auditEvents.name, partition);
  let catalogue: Uint8Array | undefined;
  for (let to = end; to > start; to -= STEP) {
    const records = await between(broker, partition, Math.max(start, to - STEP), to);
    for (const record of records.reverse()) {
      if (isCatalogue(record)) catalogue ??= record.value ?? undefined;
      const source = sourceOf(record);
      if (source === undefined) continue;
      await checkSource(broker, partition, source.next.offset - 1, source.hash);
      return { end, next: source.next, catalogue };
    }
  }
  return { end, catalogue };
}

async function between(broker: Broker, partition: number, from: number, to: number): Promise<StoredRecord[]> {
  const found: StoredRecord[] = [];
  for await (const records of broker.read(auditEvents.name, partition, from)) {
    found.push(...records.filter(({ offset }) => offset < to));
    if ((records.at(-1)?.offset ?? to) >= to - 1) break;
  }
  return found;
}

async function checkSource(broker: Broker, partition: number, offset: number, hash: string): Promise<void> {
  const { start, end } = await broker.bounds(runEvents.name, partition);
  if (offset >= start && offset < end) {
    for await (const [record] of broker.read(runEvents.name, partition, offset)) {
      const found = record && open(record);
      if (found !== undefined && Buffer.from(found.hash).toString('hex') === hash) return;
      break;
    }
  }
  throw new ForeignAuditError(partition, offset);
}
