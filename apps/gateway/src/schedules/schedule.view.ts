import type { KnownSchedules } from '@interlock/commands';
import type { ScheduleEvent } from '@interlock/contracts';
import {
  foldSchedules,
  noSchedules,
  type Schedule,
  type ScheduleId,
  type Schedules,
  scheduleKey,
} from '@interlock/schedules';

/** Schedules as this process has read them. */
export class ScheduleView implements KnownSchedules {
  readonly #partitions = new Map<number, Schedules>();
  /** Undefined: something has happened since they were brought into their order. */
  #sorted: readonly Schedule[] | undefined;

  /** Takes what has happened in a partition of `schedule.events`, in order. */
  take(partition: number, event: ScheduleEvent): void {
    this.#partitions.set(partition, foldSchedules(this.#partitions.get(partition) ?? noSchedules, event));
    this.#sorted = undefined;
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

  /** By name, and those of one name by tenant. */
  all(): readonly Schedule[] {
    this.#sorted ??= [...this.#partitions.values()]
      .flatMap(({ byKey }) => [...byKey.values()])
      .filter(({ phase }) => phase.kind !== 'deleted')
      .sort((one, other) => (scheduleKey(one.id) < scheduleKey(other.id) ? -1 : 1));
    return this.#sorted;
  }
}
