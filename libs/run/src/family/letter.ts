import type { Effect } from '@interlock/actors';
import type {
  Amounts,
  ChildEnded,
  Identity,
  InheritedInfluence,
  MessageOf,
  ParentOfRun,
} from '@interlock/contracts';

/*
 * What a run tells its parent or a child. Both live in the same partition: a letter is an effect whose result is for the other run.
 *
 *   N1  A letter follows from an accepted event, or from a state that is accepted.
 *   N2  It may come again: whoever gets it knows by the run's id what it has heard before.
 *   N3  After a change of host the parent asks again for all that it waits for, so a letter that was lost with a process comes again.
 */
export type Letter = ToChild | ToParent;

export type ToChild =
  | StartLetter
  | {
      readonly kind: 'cancel';
      readonly by: Identity;
      readonly parent: string;
      readonly reason: string;
      readonly rollback: boolean;
    }
  | { readonly kind: 'undo'; readonly by: Identity; readonly reason: string }
  /** What the family keeps outside of the log is erased: from the run above all. */
  | { readonly kind: 'erase'; readonly by: Identity; readonly reason: string }
  /** Say how you have ended, if you have. */
  | { readonly kind: 'report' };

/** All that the first event of a child follows from. */
export interface StartLetter {
  readonly kind: 'start';
  readonly parent: ParentOfRun;
  readonly rootRunId: string;
  readonly by: Identity;
  readonly salt: string;
  readonly workflow: { readonly name: string; readonly version: number; readonly hash: string };
  readonly input: unknown;
  readonly budget?: Amounts;
  readonly deadline?: number;
  readonly inherited?: readonly InheritedInfluence[];
  readonly shapedBy: readonly string[];
}

export type ToParent =
  | { readonly kind: 'started'; readonly child: string }
  | EndLetter
  | UndoneLetter
  /** It goes along with the erasure: to the run above all. */
  | { readonly kind: 'erasing'; readonly child: string }
  /** What did you want of me? I have lost it. */
  | { readonly kind: 'asks'; readonly child: string };

export type EndLetter = {
  readonly kind: 'ended';
  readonly child: string;
} & Omit<MessageOf<typeof ChildEnded>['data'], 'step' | 'runId'>;

export interface UndoneLetter {
  readonly kind: 'undone';
  readonly child: string;
  readonly failure?: MessageOf<typeof ChildEnded>['data']['failure'];
}

/** Kind of the effects that bring letters. */
export const LETTER = 'letter';

/** The same letter under way is the same effect, which is not started a second time. */
export const letterTo = (from: string, to: string, letter: Letter): Effect => ({
  id: `${from}>${to}/${letter.kind}`,
  kind: LETTER,
  data: letter,
  to,
});

/** Nothing else is an effect of a run. */
export const letterIn = ({ data }: Effect): Letter => data as Letter;
