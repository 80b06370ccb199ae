import type { ScheduleEvent } from '@interlock/contracts';
import { evolve } from './evolve.js';
import { type ScheduleId, scheduleKey } from './schedule.id.js';
import type { Schedule, Schedules } from './schedule.state.js';
import type { ScheduleSettings } from './settings.js';

/** A decision on its way: each event is folded at once, so that what follows is decided on the state behind it. */
export class ScheduleDraft {
  readonly events: ScheduleEvent[] = [];

  constructor(
    public state: Schedules,
    readonly settings: ScheduleSettings,
    readonly now: number,
  ) {}

  emit(event: ScheduleEvent): undefined {
    this.events.push(event);
    this.state = evolve(this.state, event);
  }

  find(id: ScheduleId | string): Schedule | undefined {
    return this.state.byKey.get(typeof id === 'string' ? id : scheduleKey(id));
  }
}
