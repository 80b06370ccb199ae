import type { MessageOf, NoticeDue, NoticeEvent, RunFollowed } from '@interlock/contracts';

export type Notice = Omit<MessageOf<typeof NoticeDue>['data'], 'hooks'>;

/** A notice on its way to one hook. */
export interface Delivery {
  readonly notice: Notice;
  readonly hook: string;
  readonly attempts: number;
  /** UTC ms */
  readonly next: number;
  readonly since: number;
}

/** A run that is told of: the fold of its events in `notice.events`. */
export interface FollowedRun {
  readonly run: MessageOf<typeof RunFollowed>['data'];
  /** It has not ended, or may be taken up again. */
  readonly goesOn: boolean;
  /** By `deliveryId`. */
  readonly deliveries: ReadonlyMap<string, Delivery>;
}

/** What the receiver tells repeats apart by. */
export const deliveryId = (noticeId: string, hook: string): string => `${noticeId}/${hook}`;

/** Nothing is kept of a run that has ended once everything of it is told. */
export function evolve(
  state: FollowedRun | undefined,
  event: NoticeEvent,
  time: number,
): FollowedRun | undefined {
  // A second time: it goes on as another version of its workflow says.
  if (event.type === 'notice.run_followed')
    return { run: event.data, goesOn: true, deliveries: state?.deliveries ?? new Map() };
  return state && forgotten(changed(state, event, time));
}

const forgotten = (state: FollowedRun): FollowedRun | undefined =>
  state.goesOn || state.deliveries.size > 0 ? state : undefined;

function changed(
  state: FollowedRun,
  event: Exclude<NoticeEvent, { type: 'notice.run_followed' }>,
  time: number,
): FollowedRun {
  const deliveries = new Map(state.deliveries);
  switch (event.type) {
    case 'notice.due': {
      const { hooks, ...notice } = event.data;
      for (const hook of hooks)
        deliveries.set(deliveryId(notice.noticeId, hook), {
          notice,
          hook,
          attempts: 0,
          next: time,
          since: time,
        });
      return { ...state, deliveries };
    }
    case 'notice.failed': {
      const { noticeId, hook, again } = event.data;
      const id = deliveryId(noticeId, hook);
      const delivery = deliveries.get(id);
      if (delivery !== undefined)
        deliveries.set(id, { ...delivery, attempts: delivery.attempts + 1, next: again });
      return { ...state, deliveries };
    }
    case 'notice.delivered':
    case 'notice.given_up':
      deliveries.delete(deliveryId(event.data.noticeId, event.data.hook));
      return { ...state, deliveries };
    case 'notice.run_unfollowed':
      return { ...state, goesOn: false };
  }
}
