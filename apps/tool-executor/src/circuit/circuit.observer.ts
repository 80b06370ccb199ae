import type { Log, Metrics } from '@interlock/service';
import { Counter, Gauge } from 'prom-client';
import type { CircuitView } from './circuits.js';

/** Shows which tools' targets are away: as metrics, and in the log. */
export function circuitObserver(
  log: Log,
  metrics: Metrics,
): (circuit: CircuitView | Pick<CircuitView, 'tool' | 'toolHash'>) => void {
  const registers = [metrics];
  const opened = new Counter({
    name: 'interlock_circuits_opened_total',
    help: 'Times calls of a tool were held back because its target was away',
    labelNames: ['tool'],
    registers,
  });
  const open = new Gauge({
    name: 'interlock_circuits_open',
    help: '1: the target of the tool is away, and one call at a time asks whether it is back',
    labelNames: ['tool'],
    registers,
  });
  return (circuit) => {
    const { tool } = circuit;
    if ('since' in circuit) {
      opened.inc({ tool });
      open.set({ tool }, 1);
      log.warn(
        { tool, failures: circuit.failures, code: circuit.code },
        'the target of a tool is away: its calls are held',
      );
    } else {
      open.set({ tool }, 0);
      log.info({ tool }, 'the target of a tool is back');
    }
  };
}
