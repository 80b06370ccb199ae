import type { Metrics } from '@interlock/service';
import { Counter } from 'prom-client';
import type { Outcome } from './topic.reader.js';

/** Counts events that this process has read in topics of others, by what came of them. */
export function countEvents(metrics: Metrics): (trigger: string, outcome: Outcome) => void {
  const events = new Counter({
    name: 'interlock_trigger_events_total',
    help: 'Events read in topics of others, by what came of them (started, signalled, answered, ignored, quarantined)',
    labelNames: ['trigger', 'outcome'],
    registers: [metrics],
  });
  return (trigger, outcome) => events.inc({ trigger, outcome });
}
