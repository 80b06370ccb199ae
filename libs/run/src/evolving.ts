import type { RunEvent } from '@interlock/contracts';
import type { LedgerAt } from './call/owner.js';
import type { For } from './call/state.js';
import type { RunState } from './state.js';

export type EventType = RunEvent['type'];
type DataByType = { readonly [Event in RunEvent as Event['type']]: Event['data'] };

/** What an event of this type says. */
export type DataOf<Type extends EventType> = DataByType[Type];

/** An event of one of these types, such that its type decides its data. */
export type EventOf<Type extends EventType> = {
  readonly [Each in Type]: { readonly type: Each; readonly data: DataByType[Each] };
}[Type];

/** What a fold asks of those who know more than one noun. */
export interface Folding {
  readonly ledgerAt: LedgerAt;
  /** What a request is for, by what it says. */
  forOf(state: RunState, data: DataOf<'call.requested'>): For;
  /** Steps and outputs stay when the run ends. */
  readonly keepFinished: boolean;
}

/** What each of these events makes of a state whose `seq` and `time` are already those of the event. */
export type EvolveBy<Type extends EventType> = {
  readonly [Each in Type]: (state: RunState, data: DataByType[Each], folding: Folding) => RunState;
};
