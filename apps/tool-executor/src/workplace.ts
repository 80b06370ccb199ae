import type { ToolManifest } from '@interlock/contracts';
import type { CallEffect, CallEnd } from './call.effect.js';

/** A call and the promise of the tool that performs it. */
export interface PlacedCall {
  readonly call: CallEffect;
  readonly manifest: ToolManifest;
}

/** It must not outlive its deadline: without a key, what a write did then would be done twice by its recovery. */
export const isGuarded = ({ call, manifest }: PlacedCall): boolean =>
  call.effect === 'write' && manifest.recovery?.by !== 'idempotency-key';

/** Where tool code runs. */
export interface Workplace {
  /** A place for a call, at once if there is one; undefined when `ended` aborts first. */
  enter(placed: PlacedCall, ended: AbortSignal): Place | Promise<Place | undefined>;
  /** What a call that has no place waits for, for people. */
  waitsFor(placed: PlacedCall): string;
}

export interface Place {
  /** Performs the call; never rejects. `ended` tells tool code that nobody waits any more. */
  run(ended: AbortSignal): Promise<CallEnd>;
  /** The call is overdue: what becomes of it may still come, but its place is free for another. */
  overdue(): void;
  /** Nobody waits for it any more. May be called twice. */
  leave(): void;
}
