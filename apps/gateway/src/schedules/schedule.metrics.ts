import type { Metrics } from '@interlock/service';
import { Gauge } from 'prom-client';
import type { ScheduleView } from './schedule.view.js';

const phases = ['active', 'paused', 'halted'] as const;

/** Shows schedules as this process has read them. */
export function showSchedules(
  schedules: Pick<ScheduleView, 'all'>,
  metrics: Metrics,
  now: () => number = Date.now,
): void {
  const registers = [metrics];
  new Gauge({
    name: 'interlock_schedules',
    help: 'Schedules by what they do: active, paused, or halted because what was due could not be decided on',
    labelNames: ['status'],
    registers,
    collect() {
      const all = schedules.all();
      for (const status of phases)
        this.set({ status }, all.filter(({ phase }) => phase.kind === status).length);
    },
  });
  new Gauge({
    name: 'interlock_schedule_queued',
    help: 'Due times of all schedules that wait for a run to end',
    registers,
    collect() {
      this.set(schedules.all().reduce((sum, { queue }) => sum + queue.length, 0));
    },
  });
  new Gauge({
    name: 'interlock_schedule_overdue_seconds',
    help: 'How long the due time that has waited longest should have been dealt with already, jitter aside; 0: none',
    registers,
    collect() {
      const late = schedules
        .all()
        .map(({ phase, next, spec }) =>
          phase.kind === 'active' && next !== null ? now() - next - spec.jitterMs : 0,
        );
      this.set(Math.max(0, ...late) / 1_000);
    },
  });
}
