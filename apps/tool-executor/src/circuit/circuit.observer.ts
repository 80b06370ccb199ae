import type { Log, Metrics } from '@interlock/service';
import { Counter, Gauge } from 'prom-client';
import type { CircuitChange } from './circuits.js';

/** Shows which tools' targets are away: as metrics, and in the log. */
export function circuitObserver(log: Log, metrics: Metrics): (circuit: CircuitChange) => void {
  const registers = [metrics];
  const opened = new Counter({
    name: 'interlock_circuits_opened_total',
    help: 'Times calls of a tool were held back because its target was away',
    labelNames: ['tool'],
    registers,
  });
  const open = new Gauge({
    name: 'interlock_circuits_open',
    help: 'Circuits of the tool that are open: the target of so many of its versions is away, and one call at a time asks whether it is back',
    labelNames: ['tool'],
    registers,
  });
  // Versions of a tool have targets of their own: that of one is back while that of another is away.
  const openOf = new Map<string, Set<string>>();
  return (circuit) => {
    const { tool, toolHash } = circuit;
    const hashes = openOf.get(tool) ?? new Set();
    openOf.set(tool, hashes);
    if ('since' in circuit) {
      opened.inc({ tool });
      hashes.add(toolHash);
      log.warn(
        { tool, toolHash, failures: circuit.failures, code: circuit.code },
        'the target of a tool is away: its calls are held',
      );
    } else {
      hashes.delete(toolHash);
      log.info({ tool, toolHash }, 'the target of a tool is back');
    }
    open.set({ tool }, hashes.size);
  };
}
