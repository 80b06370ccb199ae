import type { Effect } from './actor.js';
import type { HostSpec } from './host.spec.js';

/** A result that no accepted append has recorded yet. */
export interface EffectResult {
  /** Of the actor that it is for. */
  readonly key: string;
  /** Key of the actor that asked for it. */
  readonly from: string;
  readonly effectId: string;
  readonly result: unknown;
}

interface Running {
  readonly key: string;
  readonly controller: AbortController;
  ended: boolean;
  /** It has given a result: of one that is repeatable there is no other, so the decision on that may start it again. */
  told: boolean;
  /** Results not yet recorded, oldest first. */
  results: EffectResult[];
}

/** The effects of a partition in this process: what runs, and what came of it that the log does not hold yet. */
export class RunningEffects {
  readonly #running = new Map<string, Running>();
  #waiting: (() => void)[] = [];

  constructor(
    readonly perform: HostSpec<unknown>['perform'],
    readonly arrived: (result: EffectResult) => void,
    readonly broke: (effect: Effect, error: unknown) => void,
    /** An effect of the actor `key` has ended, and all that it gave is recorded. */
    readonly over: (key: string) => void,
  ) {}

  isRunning(id: string): boolean {
    return this.#running.has(id);
  }

  get size(): number {
    return this.#running.size;
  }

  start(key: string, effect: Effect): void {
    const before = this.#running.get(effect.id);
    const isAgain = effect.isRepeatable === true && (before?.ended === true || before?.told === true);
    if ((before !== undefined && !isAgain) || this.perform === undefined) return;
    const running: Running = {
      key,
      controller: new AbortController(),
      ended: false,
      told: false,
      results: [],
    };
    this.#running.set(effect.id, running);
    const result = (value: unknown): void => {
      const arrived = { key: effect.to ?? key, from: key, effectId: effect.id, result: value };
      running.told = true;
      running.results.push(arrived);
      this.arrived(arrived);
    };
    this.perform(effect, { signal: running.controller.signal, result })
      .catch((error: unknown) => this.broke(effect, error))
      .finally(() => {
        running.ended = true;
        this.#settle(effect.id, running);
      });
  }

  stop(id: string): void {
    this.#running.get(id)?.controller.abort();
  }

  stopAll(): void {
    for (const { controller } of this.#running.values()) controller.abort();
  }

  /** The log holds what followed from this result. */
  recorded(result: EffectResult): void {
    const running = this.#running.get(result.effectId);
    if (running === undefined) return;
    running.results = running.results.filter((other) => other !== result);
    this.#settle(result.effectId, running);
  }

  /** Results that the log does not hold, oldest first an effect. */
  unrecorded(): EffectResult[] {
    return [...this.#running.values()].flatMap(({ results }) => results);
  }

  /** Resolves when nothing runs any more and every result is recorded. */
  settled(): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #settle(id: string, running: Running): void {
    if (this.#running.get(id) !== running || !running.ended || running.results.length > 0) return;
    this.#running.delete(id);
    this.over(running.key);
    if (this.#running.size > 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
