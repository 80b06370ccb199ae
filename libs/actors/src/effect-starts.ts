import type { Actor, Effect, RecordedEvent } from './actor.js';
import type { Batch } from './batch.js';
import { faultOf } from './fault.js';
import type { HostObserver } from './host.spec.js';
import type { OwnLog } from './own-log.js';
import type { RunningEffects } from './running-effects.js';

/** Starts what decisions and their accepted events ask for. Until it is let go, it only notes that down. */
export class EffectStarts<State> {
  readonly #actor: Actor<State>;
  #waiting: { readonly key: string; readonly effect: Effect }[] | undefined = [];

  constructor(
    readonly own: OwnLog<State>,
    readonly effects: RunningEffects,
    readonly note: HostObserver['note'],
  ) {
    this.#actor = own.spec.actor;
  }

  start(key: string, effect: Effect): void {
    if (this.#waiting === undefined) this.effects.start(key, effect);
    else this.#waiting.push({ key, effect });
  }

  letGo(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const { key, effect } of waiting) this.effects.start(key, effect);
  }

  /** What follows from the events that the log has taken. */
  accepted(batch: Batch<State>): void {
    for (const { key, event } of batch.events) {
      const state = this.own.store.accepted(key)?.state;
      for (const effect of this.#effectsOf(event, state, key)) this.start(key, effect);
    }
    for (const { key, effect } of batch.starts) this.start(key, effect);
  }

  /** If the effects of an event cannot be named, none starts: the actor closes them like any that nobody performs. */
  #effectsOf(event: RecordedEvent, state: State | undefined, key: string): readonly Effect[] {
    try {
      return this.#actor.effects?.(event, state) ?? [];
    } catch (error) {
      this.note('error', 'the event cannot be folded into the state of its actor', {
        key,
        ...faultOf(error),
      });
      return [];
    }
  }
}
