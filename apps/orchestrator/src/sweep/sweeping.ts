import type { ServiceHost } from '@interlock/actors';
import type { Broker } from '@interlock/broker';
import { errorText, runEvents } from '@interlock/contracts';
import type { RunState } from '@interlock/run';
import { type Configuration, type Log, type Metrics, sweepMetrics } from '@interlock/service';
import { Sweep, type Values } from '@interlock/values';
import { RunFamilies } from './run.families.js';

const HOUR_MS = 3_600_000;
/** The first pass comes this long after the start at the latest, ms. */
const FIRST_MS = 30_000;

export interface SweepingPorts {
  readonly values: Values | undefined;
  readonly broker: Broker;
  readonly configuration: Configuration;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Clears the store of what nobody names, over and over, for the partitions of this host; returns what ends it. */
export const sweeping =
  ({ values, broker, configuration, log, metrics }: SweepingPorts) =>
  (host: ServiceHost<RunState>): (() => void) => {
    const { INTERLOCK_SWEEP_HOURS, INTERLOCK_SWEEP_AFTER_HOURS, INTERLOCK_PARTITIONS } = configuration;
    if (values === undefined || INTERLOCK_SWEEP_HOURS === 0) return () => undefined;
    const topics = [runEvents.name, ...host.spec.inputs.map(({ topic }) => topic)];
    const { clock, scheduler } = host.ports.runtime;
    const now = () => clock.now();
    const [everyMs, afterMs] = [INTERLOCK_SWEEP_HOURS * HOUR_MS, INTERLOCK_SWEEP_AFTER_HOURS * HOUR_MS];
    const about = { hosts: host.hosts, broker, partitions: INTERLOCK_PARTITIONS, topics, afterMs, now };
    const { removed, passed } = sweepMetrics(metrics);
    const sweep = new Sweep(values, new RunFamilies(about), { afterMs, now, removed });
    const ended = new AbortController();
    let cancel = scheduler.after(Math.min(FIRST_MS, everyMs), function pass() {
      sweep
        .run(ended.signal)
        .then(() => passed('ok'))
        .catch((error: unknown) => {
          passed('failed');
          log.warn({ error: errorText(error) }, 'the store was not swept: the next pass begins anew');
        })
        .finally(() => {
          if (!ended.signal.aborted) cancel = scheduler.after(everyMs, pass);
        });
    });
    return () => {
      ended.abort();
      cancel();
    };
  };
