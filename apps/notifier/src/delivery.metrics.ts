import type { Metrics } from '@interlock/service';
import { Counter } from 'prom-client';
import type { Attempt } from './notice.actor.js';

/** Counts attempts of this process, by what came of them. */
export function countAttempts(metrics: Metrics): (hook: string, attempt: Attempt) => void {
  const attempts = new Counter({
    name: 'interlock_notification_attempts_total',
    help: 'Attempts to tell a hook something, by what came of them (delivered, failed)',
    labelNames: ['hook', 'outcome'],
    registers: [metrics],
  });
  return (hook, { kind }) => attempts.inc({ hook, outcome: kind });
}
