import type { Effect, Performing, Scheduler } from '@interlock/actors';
import type { Clock, Stops } from '@interlock/contracts';
import type { CallEffect, CallEnd, CallResult, CallWaiting } from './call.effect.js';
import type { Circuits } from './circuit/circuits.js';
import { keptOutput, leavesLog, type OutputKeeper } from './kept.output.js';
import { TokenBucket } from './token-bucket.js';
import type { PinnedTool, ToolSet } from './tool-set.js';
import { type ArgumentsLoader, withArguments } from './whole.arguments.js';
import { isGuarded, type Place, type PlacedCall, type Workplace } from './workplace.js';

/** A wait of this length is shown to people, ms. */
const NOTICED_MS = 1_000;

export interface EffectRunnerOptions {
  readonly tools: ToolSet;
  readonly workplace: Workplace;
  readonly stops: Stops;
  readonly circuits: Circuits;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Where arguments and outputs that are too large for the log are kept. Absent: nowhere, and none comes that is. */
  readonly values?: (OutputKeeper & ArgumentsLoader) | undefined;
  /** How long the outcome of a write that timed out is waited for, ms. */
  readonly lateMaxMs: number;
}

/**
 * Performs calls where tools run. Never rejects; every effect has one result, and a write that timed out a second one if its outcome
 * becomes known. What comes at its deadline or after it has come late, however busy this process was meanwhile.
 */
export class EffectRunner {
  readonly #options: EffectRunnerOptions;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(options: EffectRunnerOptions) {
    this.#options = options;
  }

  readonly perform = async (effect: Effect, performing: Performing): Promise<void> => {
    const asked = effect.data as CallEffect;
    const { clock, scheduler, tools, values } = this.#options;
    const startedAt = clock.now();
    const report = (end: CallEnd, keptAt?: number): void => {
      const { callHash, effect } = asked;
      const kept = keptAt === undefined ? {} : { keptAt };
      performing.result({
        callHash,
        effect,
        tookMs: clock.now() - startedAt,
        ...kept,
        end,
      } satisfies CallResult);
    };

    const tool = tools.byHash(asked.toolHash);
    if (tool === undefined) return report(notPerformed('the tool is not loaded any more'));
    const call = await withArguments(values, asked, startedAt, performing.signal);
    if ('code' in call) return report({ kind: 'failed', failure: call });
    const placed = { call, manifest: tool.manifest };
    const limit = new AbortController();
    const ended = AbortSignal.any([performing.signal, limit.signal]);
    const cancelLimit = scheduler.after(Math.max(0, call.deadline - startedAt), () =>
      limit.abort(timeoutError()),
    );
    const keeping: (Promise<void> | undefined)[] = [];
    let turnIsOver: (() => void) | undefined;
    try {
      turnIsOver = await this.#options.circuits.turn(call, ended);
      const place = turnIsOver && (await this.#admitted(tool, placed, ended, performing));
      if (place === undefined) return report(notPerformed(this.#untilWhen(placed)));
      try {
        if (isTooLate(placed, startedAt, clock.now())) return report(notPerformed(this.#untilWhen(placed)));
        await this.#call(call, place, ended, limit.signal, (end) => {
          keeping.push(this.#keepAndReport(call, end, performing, report));
        });
      } finally {
        place.leave();
      }
    } finally {
      turnIsOver?.();
      cancelLimit();
    }
    // It has left its place: a store that is away keeps no other call from being made.
    await Promise.all(keeping);
  };

  /** Reports what a call waits for once it has waited noticeably, and when the wait is over. */
  #tellsWaiting(placed: PlacedCall, { result }: Performing): { readonly over: () => void } {
    let isReported = false;
    const cancel = this.#options.scheduler.after(NOTICED_MS, () => {
      isReported = true;
      result({ waitsFor: this.#options.workplace.waitsFor(placed) } satisfies CallWaiting);
    });
    return {
      over: () => {
        cancel();
        if (isReported) result({ waitsFor: undefined } satisfies CallWaiting);
      },
    };
  }

  #untilWhen(placed: PlacedCall): string {
    return `it was still queued at its deadline: ${this.#options.workplace.waitsFor(placed)}`;
  }

  /** Waits for the tool's rate, then for a place; undefined when the call ended before it began. */
  async #admitted(
    tool: PinnedTool,
    placed: PlacedCall,
    ended: AbortSignal,
    performing: Performing,
  ): Promise<Place | undefined> {
    const bucket = this.#bucketOf(tool);
    if (bucket !== undefined) {
      const now = this.#options.clock.now();
      const at = bucket.take(now, placed.call.deadline);
      if (at === undefined) return undefined;
      if (at > now && !(await elapsed(this.#options.scheduler, at - now, ended))) return undefined;
    }
    const waiting = this.#tellsWaiting(placed, performing);
    try {
      return await this.#options.workplace.enter(placed, ended);
    } finally {
      waiting.over();
    }
  }

  async #call(
    call: CallEffect,
    place: Place,
    ended: AbortSignal,
    limit: AbortSignal,
    report: (end: CallEnd) => void,
  ): Promise<void> {
    const { clock, scheduler, lateMaxMs } = this.#options;
    // Right before the world is touched: this process may have been suspended since.
    if (clock.now() >= call.deadline || ended.aborted) {
      return report(notPerformed('its deadline had passed before it began'));
    }
    const stopped = this.#stopped(call);
    if (stopped !== undefined) return report(stopped);
    const held = this.#options.circuits.holdsAtLast(call);
    if (held !== undefined) return report({ ...notPerformed(held), isHeld: true });
    const ends = (end: CallEnd): void => {
      this.#options.circuits.ended(call, end);
      report(end);
    };
    const outcome = place.run(ended);
    const first = await Promise.race([outcome, aborted(limit)]);
    const isInTime = !limit.aborted && clock.now() < call.deadline;
    if (first !== undefined && (isInTime || isNothing(first))) return ends(first);
    place.overdue();
    ends(timedOut(call));
    if (call.effect === 'read') return;
    const late = await Promise.race([outcome, elapsed(scheduler, lateMaxMs).then(() => undefined)]);
    if (late !== undefined && late.kind !== 'unknown') report(late);
  }

  /** What is too large for the log is kept before anybody is told of it. */
  #keepAndReport(
    call: CallEffect,
    end: CallEnd,
    { signal }: Performing,
    report: (end: CallEnd, keptAt?: number) => void,
  ): Promise<void> | undefined {
    const { values } = this.#options;
    if (values === undefined || !leavesLog(call, end)) {
      report(end);
      return undefined;
    }
    // A write has happened, whoever still waits for it.
    const { clock } = this.#options;
    return keptOutput(values, call, end, call.effect === 'read' ? signal : undefined).then((kept) =>
      report(kept, clock.now()),
    );
  }

  /** It may have waited for its turn since it was allowed. */
  #stopped({ tool, stoppable }: CallEffect): CallEnd | undefined {
    const standing = this.#options.stops.standing({ tool, ...stoppable });
    switch (standing.kind) {
      case 'free':
        return undefined;
      case 'unknown':
        return notPerformed('it was not known which stops are in force');
      case 'stopped': {
        const { by } = standing;
        return { ...notPerformed(`stop ${by.stopId}: ${by.reason}`), stop: by };
      }
    }
  }

  #bucketOf({ manifest, toolHash }: PinnedTool): TokenBucket | undefined {
    if (manifest.rateLimit === undefined) return undefined;
    let bucket = this.#buckets.get(toolHash);
    if (bucket === undefined) {
      bucket = new TokenBucket(manifest.rateLimit.perSecond);
      this.#buckets.set(toolHash, bucket);
    }
    return bucket;
  }
}

/**
 * The share of its time that a write without a key must have left when it begins. With less it would probably end in doubt; before it
 * begins nothing has happened.
 */
const LEFT_SHARE_MIN = 0.25;

const isTooLate = (placed: PlacedCall, startedAt: number, now: number): boolean =>
  isGuarded(placed) && placed.call.deadline - now < LEFT_SHARE_MIN * (placed.call.deadline - startedAt);

/** Certain at any time: nothing has happened. */
const isNothing = ({ kind }: CallEnd): boolean => kind === 'not_performed' || kind === 'refused';

const timeoutError = (): DOMException => new DOMException('the call took too long', 'TimeoutError');

const notPerformed = (because: string): Extract<CallEnd, { kind: 'not_performed' }> => ({
  kind: 'not_performed',
  because,
});

const timedOut = (call: CallEffect): CallEnd =>
  call.effect === 'write'
    ? { kind: 'unknown', because: 'no answer by its deadline', class: 'timeout' }
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
