import type { Clock } from '@interlock/contracts';
import { engine } from '@interlock/policy';
import type { Log, Metrics, Readiness } from '@interlock/service';
import { Counter } from 'prom-client';

/** An engine that dies so often within the window dies of something that comes again. */
export const TRAPS_MAX = 3;
export const WINDOW_MS = 60_000;

/** Counts how often Cedar has crashed, and reports that this service is not ready while that repeats. */
export class EngineWatch {
  #at: number[] = [];

  constructor(
    private readonly now: Clock['now'],
    private readonly died: () => void,
  ) {}

  trapped(): void {
    this.#at = [...this.#at, this.now()].slice(-TRAPS_MAX);
    this.died();
  }

  waitingFor(): string | undefined {
    const recent = this.#at.filter((at) => at > this.now() - WINDOW_MS);
    return recent.length < TRAPS_MAX
      ? undefined
      : `the policy engine: it has crashed ${TRAPS_MAX} times within ${WINDOW_MS / 1_000} s: see policy_engine_traps_total and the log`;
  }
}

export function watchEngine(clock: Clock, readiness: Readiness, metrics: Metrics, log: Log): EngineWatch {
  const traps = new Counter({
    name: 'policy_engine_traps_total',
    help: 'How often Cedar has crashed and was started again',
    registers: [metrics],
  });
  const watch = new EngineWatch(
    () => clock.now(),
    () => {
      traps.inc();
      log.error({}, 'the policy engine crashed on a question and was started again');
    },
  );
  engine.onTrap(() => watch.trapped());
  readiness.add('policy engine', () => watch.waitingFor());
  return watch;
}
