import type { Effect, Performing, Scheduler } from '@interlock/actors';
import type { Clock } from '@interlock/contracts';
import { DeclaredFailure, type Tool, type ToolContext } from '@interlock/tools';
import type { CallEffect, CallEnd, CallResult } from './call.effect.js';
import { CallSlots } from './call-slots.js';
import { compensationOfFound, type Warn } from './compensation.js';
import { TokenBucket } from './token-bucket.js';
import { runTool } from './tool-run.js';
import type { ToolSet } from './tool-set.js';

export interface EffectRunnerOptions {
  readonly tools: ToolSet;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Calls at a time in this process. */
  readonly concurrencyMax: number;
  /** How long the outcome of a write that timed out is waited for, ms. */
  readonly lateMaxMs: number;
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
  readonly warn: Warn;
}

/**
 * Performs calls: the only place where tools touch the world. Never rejects; every effect has one result, and a write that timed
 * out a second one if its outcome becomes known.
 */
export class EffectRunner {
  readonly #options: EffectRunnerOptions;
  readonly #slots: CallSlots;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(options: EffectRunnerOptions) {
    this.#options = options;
    this.#slots = new CallSlots(options.concurrencyMax);
  }

  readonly perform = async (effect: Effect, performing: Performing): Promise<void> => {
    const call = effect.data as CallEffect;
    const { clock, scheduler, tools } = this.#options;
    const startedAt = clock.now();
    const report = (end: CallEnd): void => {
      const { callHash, effect } = call;
      performing.result({ callHash, effect, tookMs: clock.now() - startedAt, end } satisfies CallResult);
    };

    const tool = tools.byHash(call.toolHash);
    if (tool === undefined) return report(notPerformed('the tool is not loaded any more'));
    const limit = new AbortController();
    const ended = AbortSignal.any([performing.signal, limit.signal]);
    const cancelLimit = scheduler.after(Math.max(0, call.deadline - startedAt), () =>
      limit.abort(timeoutError()),
    );
    try {
      const release = await this.#admitted(tool, call, ended);
      if (release === undefined) return report(notPerformed('its turn had not come by its deadline'));
      try {
        await this.#call(tool, call, ended, limit.signal, release, report);
      } finally {
        release();
      }
    } finally {
      cancelLimit();
    }
  };

  /** Waits for the tool's rate, then for a slot; undefined when the call ended before it began. */
  async #admitted(tool: Tool, call: CallEffect, ended: AbortSignal): Promise<(() => void) | undefined> {
    const bucket = this.#bucketOf(tool);
    if (bucket !== undefined) {
      const now = this.#options.clock.now();
      const at = bucket.take(now, call.deadline);
      if (at === undefined) return undefined;
      if (at > now && !(await elapsed(this.#options.scheduler, at - now, ended))) return undefined;
    }
    return this.#slots.acquire(ended);
  }

  async #call(
    tool: Tool,
    call: CallEffect,
    ended: AbortSignal,
    limit: AbortSignal,
    release: () => void,
    report: (end: CallEnd) => void,
  ): Promise<void> {
    const { clock, scheduler, lateMaxMs } = this.#options;
    // Right before the world is touched: this process may have been suspended since.
    if (clock.now() >= call.deadline || ended.aborted) {
      return report(notPerformed('its deadline had passed before it began'));
    }
    const outcome = this.#outcomeOf(tool, call, ended);
    const first = await Promise.race([outcome, aborted(limit)]);
    if (first !== undefined) return report(first);
    release();
    report(timedOut(call));
    if (call.effect === 'read') return;
    const late = await Promise.race([outcome, elapsed(scheduler, lateMaxMs).then(() => undefined)]);
    if (late !== undefined && late.kind !== 'unknown') report(late);
  }

  /** A verification that has found its write also says how to undo that. */
  async #outcomeOf(tool: Tool, call: CallEffect, ended: AbortSignal): Promise<CallEnd> {
    const { armId, verifies } = call;
    const now = (): number => this.#options.clock.now();
    const warn: Warn = (message, fields) => this.#options.warn(message, { ...fields, armId });
    const end = await runTool(tool, call.arguments, this.#contextOf(tool, call, ended), now, warn);
    if (end.kind !== 'succeeded' || verifies === undefined) return end;
    const written = this.#options.tools.byHash(verifies.toolHash);
    if (written !== undefined)
      return { ...end, ...compensationOfFound(written, call.arguments, end.output, warn) };
    warn(`${verifies.tool} is not loaded here: if it happened, nothing can undo it`, { tool: verifies.tool });
    return end;
  }

  #contextOf(tool: Tool, call: CallEffect, signal: AbortSignal): ToolContext {
    const { name } = tool.manifest;
    return {
      idempotencyKey: call.callHash,
      signal,
      deadline: call.deadline,
      attempt: call.attempt,
      fail: (failure) => {
        throw new DeclaredFailure(failure);
      },
      log: (message, fields) => this.#options.log(message, { ...fields, tool: name, armId: call.armId }),
    };
  }

  #bucketOf({ manifest, toolHash }: Tool): TokenBucket | undefined {
    if (manifest.rateLimit === undefined) return undefined;
    let bucket = this.#buckets.get(toolHash);
    if (bucket === undefined) {
      bucket = new TokenBucket(manifest.rateLimit.perSecond);
      this.#buckets.set(toolHash, bucket);
    }
    return bucket;
  }
}

const timeoutError = (): DOMException => new DOMException('the call took too long', 'TimeoutError');

const notPerformed = (because: string): CallEnd => ({ kind: 'not_performed', because });

const timedOut = (call: CallEffect): CallEnd =>
  call.effect === 'write'
    ? { kind: 'unknown', because: 'no answer by its deadline' }
    : {
        kind: 'failed',
        failure: { class: 'timeout', code: 'timeout', message: 'no answer by its deadline' },
      };

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });

/** True after `delayMs`, false when `ended` aborts first. */
function elapsed(scheduler: Scheduler, delayMs: number, ended?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (ended?.aborted) return resolve(false);
    const leave = (): void => {
      cancel();
      resolve(false);
    };
    const cancel = scheduler.after(delayMs, () => {
      ended?.removeEventListener('abort', leave);
      resolve(true);
    });
    ended?.addEventListener('abort', leave, { once: true });
  });
}
