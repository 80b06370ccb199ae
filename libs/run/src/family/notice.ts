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
 * What a run tells its parent or a child. Both live in the same partition: a notice is an effect whose result is for the other run.
 *
 *   N1  A notice follows from an accepted event, or from a state that is accepted.
 *   N2  It may come again: whoever gets it knows by the run's id what it has heard before.
 *   N3  After a change of host the parent asks again for all that it waits for, so a notice that was lost with a process comes again.
 */
export type Notice = ToChild | ToParent;

export type ToChild =
  | StartNotice
  | {
      readonly kind: 'cancel';
      readonly by: Identity;
      readonly parent: string;
      readonly reason: string;
      readonly rollback: boolean;
    }
  | { readonly kind: 'undo'; readonly by: Identity; readonly reason: string }
  /** Say how you have ended, if you have. */
  | { readonly kind: 'report' };

/** All that the first event of a child follows from. */
export interface StartNotice {
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
  | EndNotice
  | UndoneNotice
  /** What did you want of me? I have lost it. */
  | { readonly kind: 'asks'; readonly child: string };

export type EndNotice = {
  readonly kind: 'ended';
  readonly child: string;
} & Omit<MessageOf<typeof ChildEnded>['data'], 'step' | 'runId'>;

export interface UndoneNotice {
  readonly kind: 'undone';
  readonly child: string;
  readonly failure?: MessageOf<typeof ChildEnded>['data']['failure'];
}

/** Kind of the effects that bring notices. */
export const NOTICE = 'notice';

/** The same notice under way is the same effect, which is not started a second time. */
export const noticeTo = (from: string, to: string, notice: Notice): Effect => ({
  id: `${from}>${to}/${notice.kind}`,
  kind: NOTICE,
  data: notice,
  to,
});

/** Nothing else is an effect of a run. */
export const noticeIn = ({ data }: Effect): Notice => data as Notice;
