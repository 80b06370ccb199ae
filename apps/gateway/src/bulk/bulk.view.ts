import { bulkOrderHash, type KnownBulks } from '@interlock/commands';
import {
  type BulkEvent,
  type BulkOrdered,
  type BulkRun,
  bulkLifeEvents,
  Catalogue,
  type MessageOf,
} from '@interlock/contracts';
import { isClaim, partsOf } from '@interlock/log';
import type { OwnerAnswer, RecordBatch } from '@interlock/service';

const catalogue = new Catalogue(bulkLifeEvents);

/** Those that were given last are shown; the log has them all. */
const KEPT_MAX = 200;

/** A bulk order as it is shown. */
export interface KnownBulk {
  readonly ordered: MessageOf<typeof BulkOrdered>['data'];
  readonly runs: readonly BulkRun[];
  readonly orderHash: string;
  /** Every run has been told. */
  isGiven: boolean;
}

/** Bulk orders as this process has read them in `schedule.events`. */
export class BulkView implements KnownBulks {
  readonly #bulks = new Map<string, KnownBulk>();
  readonly #listeners = new Set<(answer: OwnerAnswer) => void>();

  /** Takes accepted records, in order. */
  take({ accepted }: Pick<RecordBatch, 'accepted'>): void {
    for (const record of accepted) {
      if (isClaim(record) || !record.wires.some((wire) => catalogue.knows(wire))) continue;
      for (const { wire, data } of partsOf(record, record.record.value))
        if (catalogue.knows(wire)) this.#take(catalogue.validData(wire, data) as BulkEvent);
    }
  }

  find(bulkId: string): KnownBulk | undefined {
    return this.#bulks.get(bulkId);
  }

  /** Newest first. */
  all(): KnownBulk[] {
    return [...this.#bulks.values()].sort((one, other) => other.ordered.at - one.ordered.at);
  }

  onAnswer(listener: (answer: OwnerAnswer) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #take(event: BulkEvent): void {
    if (event.type === 'bulk.ordered') this.#add(event.data);
    if (event.type === 'bulk.given') {
      const given = this.#bulks.get(event.data.bulkId);
      if (given !== undefined) given.isGiven = true;
      return;
    }
    const answer: OwnerAnswer = { ...event, commandId: event.data.commandId };
    for (const listener of this.#listeners) listener(answer);
  }

  #add(ordered: KnownBulk['ordered']): void {
    const { runs, filter, reason, command } = ordered;
    const orderHash = bulkOrderHash({ filter, reason, command });
    this.#bulks.set(ordered.bulkId, { ordered, runs, orderHash, isGiven: false });
    const oldest = this.#bulks.size > KEPT_MAX ? this.all().at(-1) : undefined;
    if (oldest !== undefined) this.#bulks.delete(oldest.ordered.bulkId);
  }
}
