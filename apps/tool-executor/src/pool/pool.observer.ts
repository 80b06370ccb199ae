import { type Log, type Metrics, runFactOf } from '@interlock/service';
import type { DescribedTool } from '@interlock/tools';
import { Counter, Gauge } from 'prom-client';
import type { PoolObserver } from './module.pool.js';

/** Shows what happens to children: as metrics, and in the log with the names of the tools. */
export function poolObserver(tools: readonly DescribedTool[], log: Log, metrics: Metrics): PoolObserver {
  const names = new Map(tools.map(({ toolHash, manifest }) => [toolHash, manifest.name]));
  const registers = [metrics];
  const started = new Counter({
    name: 'interlock_tool_children_started_total',
    help: 'Processes started to run tools',
    registers,
  });
  const died = new Counter({
    name: 'interlock_tool_children_died_total',
    help: 'Processes that ran tools and have ended, by cause',
    labelNames: ['cause'],
    registers,
  });
  const waiting = new Gauge({
    name: 'interlock_tool_calls_waiting',
    help: 'Calls that wait for a place in a process that runs tools',
    registers,
  });
  return {
    started: () => started.inc(),
    died(module, cause, detail, toolHashes) {
      died.inc({ cause });
      const inside = toolHashes.map((hash) => names.get(hash) ?? hash);
      const facts = { module, cause, detail, tools: inside };
      if (cause === 'dismissed') log.debug(facts, 'a process that ran tools is not needed any more');
      else log.warn(facts, 'a process that ran tools has died');
    },
    waiting: (calls) => waiting.inc(calls),
    log: (level, message, fields) =>
      log[level === 'warn' ? 'warn' : 'info']({ ...runFactOf(fields.request), ...fields }, message),
  };
}
