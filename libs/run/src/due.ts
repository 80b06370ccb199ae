import type { StopNote } from '@interlock/contracts';
import type { Settings } from './options.js';

/** Where something stands that may wait: for its time, UTC ms, or for a stop to be lifted. */
type Waits =
  | { readonly phase: string }
  | { readonly phase: 'stopped'; readonly stop: StopNote }
  | { readonly due: number };

/**
 * When what waits is taken up again, UTC ms: at its time, or as soon as what stopped it is lifted.
 * @param otherwise when it has neither
 */
export function nextOf(at: Waits, now: number, settings: Settings, otherwise?: number): number[] {
  if ('stop' in at) return settings.isLifted(at.stop.number) ? [now] : [];
  if ('due' in at) return [at.due];
  return otherwise === undefined ? [] : [otherwise];
}
