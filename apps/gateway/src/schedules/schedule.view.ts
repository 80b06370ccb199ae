import type { Broker } from '@interlock/broker';
import type { KnownSchedules } from '@interlock/commands';
import { catalogueOf, type ScheduleEvent, scheduleEvents } from '@interlock/contracts';
import { isClaim, partsOf } from '@interlock/log';
import {
  foldSchedules,
  noSchedules,
  type Schedule,
  type ScheduleId,
  type Schedules,
  scheduleKey,
} from '@interlock/schedules';
import type { OwnerAnswer, RecordBatch } from '@interlock/service';

const catalogue = catalogueOf(scheduleEvents);

/** Schedules as this process has read them: the fold of `schedule.events`. */
export class ScheduleView implements KnownSchedules {
  readonly #partitions = new Map<number, Schedules>();
  readonly #listeners = new Set<(answer: OwnerAnswer) => void>();

  readonly #next = new Map<number, number>();

  /** @param ends where `schedule.events` ended when this process started, by partition: until then this view is incomplete */
  constructor(private readonly ends: readonly number[] = []) {}

  static async open(broker: Pick<Broker, 'bounds'>, partitions: number): Promise<ScheduleView> {
    const bounds = Array.from({ length: partitions }, (_, partition) =>
      broker.bounds(scheduleEvents.name, partition),
    );
    return new ScheduleView((await Promise.all(bounds)).map(({ start, end }) => (start === end ? 0 : end)));
  }

  /** Undefined once everything written before the start is read. */
  waitingFor(): string | undefined {
    const isRead = this.ends.every((end, partition) => (this.#next.get(partition) ?? 0) >= end);
    return isRead ? undefined : `${scheduleEvents.name} to be read`;
  }

  /** Takes accepted records, in order. */
  take({ accepted, partition, position }: Pick<RecordBatch, 'accepted' | 'partition' | 'position'>): void {
    this.#next.set(partition, position.offset);
    for (const record of accepted) {
      if (isClaim(record) || !record.wires.some((wire) => catalogue.knows(wire))) continue;
      for (const { wire, data } of partsOf(record, record.record.value))
        if (catalogue.knows(wire)) this.#take(partition, catalogue.validData(wire, data) as ScheduleEvent);
    }
  }

  find(id: ScheduleId): Schedule | undefined {
    for (const { byKey } of this.#partitions.values()) {
      const found = byKey.get(scheduleKey(id));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  count(tenant: string | undefined): number {
    return this.all().filter(({ id }) => id.tenant === tenant).length;
  }

  /** By name. */
  all(): Schedule[] {
    return [...this.#partitions.values()]
      .flatMap(({ byKey }) => [...byKey.values()])
      .filter(({ phase }) => phase.kind !== 'deleted')
      .sort((one, other) => (scheduleKey(one.id) < scheduleKey(other.id) ? -1 : 1));
  }

  onAnswer(listener: (answer: OwnerAnswer) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #take(partition: number, event: ScheduleEvent): void {
    this.#partitions.set(partition, foldSchedules(this.#partitions.get(partition) ?? noSchedules, event));
    if (!('commandId' in event.data)) return;
    const answer = { ...event, commandId: event.data.commandId } as OwnerAnswer;
    for (const listener of this.#listeners) listener(answer);
  }
}
