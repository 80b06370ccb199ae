import type { Effect, Scheduler } from '@interlock/actors';
import type { Standing } from '@interlock/contracts';
import type { Tool, ToolContext } from '@interlock/tools';
import type { Values } from '@interlock/values';
import type { CallEffect, CallEnd, CallResult } from './call.effect.js';
import { ProcessCircuits } from './circuit/circuits.js';
import { EffectRunner } from './effect-runner.js';
import { InProcessWorkplace } from './in-process.workplace.js';
import { toolSetOf } from './tool-set.js';

/** What a tool of these tests does. */
export type Run = (input: { n: number }, context: ToolContext<{ code: 'no_stock' }>) => unknown;

const scheduler: Scheduler = {
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
  soon: queueMicrotask,
};

/** One tool on a runner of its own, and what came of its calls. */
export class Bench {
  readonly results: { end: CallEnd; at: number }[] = [];
  readonly warnings: unknown[] = [];
  readonly stop = new AbortController();
  readonly runner: EffectRunner;
  /** What kill switches say. */
  standing: Standing = { kind: 'free' };

  readonly circuits = new ProcessCircuits({
    failures: 3,
    probeMs: 2_000,
    clock: { now: () => Date.now() },
    scheduler,
  });

  constructor(
    readonly tool: Tool,
    concurrencyMax = 10,
    others: readonly Tool[] = [],
    values?: Values,
  ) {
    const clock = { now: () => Date.now() };
    const tools = [tool, ...others];
    const workplace = new InProcessWorkplace({
      tools,
      clock,
      concurrencyMax,
      ...(values !== undefined && { outputBytesMax: values.limits.valueBytesMax }),
      log: () => {},
      warn: (_message, fields) => this.warnings.push(fields),
    });
    this.runner = new EffectRunner({
      tools: toolSetOf(tools),
      workplace,
      stops: { standing: () => this.standing },
      circuits: this.circuits,
      clock,
      scheduler,
      values,
      lateMaxMs: 60_000,
    });
  }

  perform(requestId = 'a', timeoutMs = 1_000, change: Partial<CallEffect> = {}): Promise<void> {
    const call: CallEffect = {
      requestId,
      family: 'run',
      callHash: 'h',
      toolHash: this.tool.toolHash,
      effect: this.tool.manifest.effect,
      tool: this.tool.manifest.name,
      stoppable: { workflow: 'w', levels: [], compensates: false },
      arguments: { n: 1 },
      attempt: 1,
      deadline: Date.now() + timeoutMs,
      ...change,
    };
    const effect: Effect = { id: requestId, kind: 'call', data: call };
    const result = (value: unknown): void => {
      this.results.push({ end: (value as CallResult).end, at: Date.now() });
    };
    return this.runner.perform(effect, { signal: this.stop.signal, result });
  }

  get ends(): CallEnd[] {
    return this.results.map(({ end }) => end);
  }
}
