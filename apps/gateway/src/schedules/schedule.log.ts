import type { Broker } from '@interlock/broker';
import {
  type BulkEvent,
  bulkLifeEvents,
  Catalogue,
  type ScheduleEvent,
  scheduleEvents,
  scheduleLifeEvents,
} from '@interlock/contracts';
import { type Accepted, isClaim, partsOf } from '@interlock/log';
import type { OwnerAnswer, OwnerAnswers, RecordBatch } from '@interlock/service';
import type { BulkView } from '../bulk/bulk.view.js';
import type { ScheduleView } from './schedule.view.js';

const ofSchedules = new Catalogue(scheduleLifeEvents);
const ofBulks = new Catalogue(bulkLifeEvents);
const isKnown = (wire: string): boolean => ofSchedules.knows(wire) || ofBulks.knows(wire);

export interface ScheduleViews {
  readonly schedules: Pick<ScheduleView, 'take'>;
  readonly bulks: Pick<BulkView, 'take'>;
}

/** Reads `schedule.events` for this process: tells the views what has happened, and whoever waits for it what was answered. */
export class ScheduleLog implements OwnerAnswers {
  readonly #next = new Map<number, number>();
  readonly #listeners = new Set<(answer: OwnerAnswer) => void>();

  /** @param ends where it ended when this process started, by partition: until then the views are incomplete */
  constructor(
    private readonly views: ScheduleViews,
    private readonly ends: readonly number[] = [],
  ) {}

  static async open(
    broker: Pick<Broker, 'bounds'>,
    partitions: number,
    views: ScheduleViews,
  ): Promise<ScheduleLog> {
    const bounds = Array.from({ length: partitions }, (_, partition) =>
      broker.bounds(scheduleEvents.name, partition),
    );
    const ends = (await Promise.all(bounds)).map(({ start, end }) => (start === end ? 0 : end));
    return new ScheduleLog(views, ends);
  }

  /** Undefined once everything written before the start is read. */
  waitingFor(): string | undefined {
    const isRead = this.ends.every((end, partition) => (this.#next.get(partition) ?? 0) >= end);
    return isRead ? undefined : `${scheduleEvents.name} to be read`;
  }

  /** Takes accepted records, in order. */
  take({ accepted, partition, position }: Pick<RecordBatch, 'accepted' | 'partition' | 'position'>): void {
    for (const record of accepted) if (!isClaim(record)) this.#take(partition, record);
    this.#next.set(partition, position.offset);
  }

  onAnswer(listener: (answer: OwnerAnswer) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #take(partition: number, accepted: Accepted): void {
    if (!accepted.wires.some(isKnown)) return;
    const { schedules, bulks } = this.views;
    for (const { wire, data } of partsOf(accepted, accepted.record.value)) {
      if (ofSchedules.knows(wire)) {
        const event = ofSchedules.validData(wire, data);
        schedules.take(partition, event);
        this.#tell(event);
      } else if (ofBulks.knows(wire)) {
        const event = ofBulks.validData(wire, data);
        bulks.take(event);
        this.#tell(event);
      }
    }
  }

  #tell(event: ScheduleEvent | BulkEvent): void {
    const { data } = event;
    if (!('commandId' in data)) return;
    const answer: OwnerAnswer = { ...event, commandId: data.commandId };
    for (const listener of this.#listeners) listener(answer);
  }
}
