import type { Attempt } from './hostile.model.ts';
import type { Done } from './shop.ts';

/** A run that is over, with what it was told and what it did: simulated, or of a real system. */
export interface PlayedRun {
  readonly level: 'baseline' | 'shadow' | 'assisted';
  readonly shop: { readonly done: readonly Done[] };
  /** What was proposed, by the plan and the place in it. */
  readonly attempts: ReadonlyMap<string, readonly Attempt[]>;
  readonly bus: { log(topic: string): readonly { readonly type: string; readonly data: unknown }[] };
}
