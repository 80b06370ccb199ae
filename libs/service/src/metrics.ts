import { Counter, Gauge, Registry } from 'prom-client';

/** Everything that the modules of a process show at its `/metrics`: each registers its own with prom-client, under a name of its own. */
export type Metrics = Registry;

/** With what every process shows of itself, under the names every Prometheus client uses. */
export function openMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time of the process',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory of the process',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: 'process_uptime_seconds',
    help: 'Time since the process started',
    registers,
    collect() {
      this.set(process.uptime());
    },
  });
  return registry;
}
