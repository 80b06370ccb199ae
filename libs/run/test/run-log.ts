import type { CallArmed, CheckRequested, MessageOf } from '@interlock/contracts';
import type { RunStory } from './run-story.js';

export type Armed = MessageOf<typeof CallArmed>['data'] & { readonly armId: string };

export interface Check {
  readonly id: string;
  readonly armId: string;
  readonly callHash: string;
  readonly point: 'before' | 'after';
}

const eventsOf = <T>({ events }: RunStory, type: string): (T & { id: string })[] =>
  events.filter((event) => event.type === type).map(({ id, data }) => ({ ...(data as T), id }));

export const armsOf = (story: RunStory): Armed[] =>
  eventsOf<MessageOf<typeof CallArmed>['data']>(story, 'call.armed').map((arm) => ({
    ...arm,
    armId: arm.id,
  }));

export const disarmedIn = (story: RunStory): Set<string> =>
  new Set(eventsOf<{ armId: string }>(story, 'call.disarmed').map(({ armId }) => armId));

/** Everything policy was ever asked. */
export function checksOf(story: RunStory): Check[] {
  const asked = eventsOf<MessageOf<typeof CheckRequested>['data']>(story, 'check.requested');
  return [
    ...armsOf(story).map(({ armId, callHash }) => ({ id: armId, armId, callHash, point: 'before' as const })),
    ...asked.map(({ id, armId, callHash }) => ({ id, armId, callHash, point: 'after' as const })),
  ];
}
