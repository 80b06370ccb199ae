import type { BulkEvent } from '@interlock/contracts';

type Ordered = Extract<BulkEvent, { type: 'bulk.ordered' }>['data'];

/** A bulk order whose orders are not known to be given. */
export type OpenBulk = Pick<Ordered, 'bulkId' | 'tenant' | 'by' | 'reason' | 'command' | 'runs'>;

/** Bulk orders of one partition. */
export interface Bulks {
  readonly open: ReadonlyMap<string, OpenBulk>;
  /** Ids of the latest ones, oldest first: a repeat orders nothing. */
  readonly known: readonly string[];
}

export const noBulks: Bulks = { open: new Map(), known: [] };

const KNOWN_MAX = 1_000;

export function evolveBulk(bulks: Bulks, event: BulkEvent): Bulks {
  switch (event.type) {
    case 'bulk.ordered': {
      const { bulkId, tenant, by, reason, command, runs } = event.data;
      const one = { bulkId, ...(tenant !== undefined && { tenant }), by, reason, command, runs };
      return {
        open: new Map([...bulks.open, [bulkId, one]]),
        known: [...bulks.known, bulkId].slice(-KNOWN_MAX),
      };
    }
    case 'bulk.given': {
      const open = new Map(bulks.open);
      open.delete(event.data.bulkId);
      return { ...bulks, open };
    }
    case 'bulk.refused':
      return bulks;
  }
}
