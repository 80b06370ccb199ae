import type { CallRequested, CheckRequested, MessageOf } from '@interlock/contracts';
import type { RunStory } from './run-story.js';

export type RequestedCall = MessageOf<typeof CallRequested>['data'] & { readonly requestId: string };

export interface Check {
  readonly id: string;
  readonly requestId: string;
  readonly callHash: string;
  readonly point: 'before' | 'after';
}

const eventsOf = <T>({ events }: RunStory, type: string): (T & { id: string })[] =>
  events.filter((event) => event.type === type).map(({ id, data }) => ({ ...(data as T), id }));

export const callRequestsOf = (story: RunStory): RequestedCall[] =>
  eventsOf<MessageOf<typeof CallRequested>['data']>(story, 'call.requested').map((callRequest) => ({
    ...callRequest,
    requestId: callRequest.id,
  }));

export const revokedIn = (story: RunStory): Set<string> =>
  new Set(eventsOf<{ requestId: string }>(story, 'call.revoked').map(({ requestId }) => requestId));

/** Everything policy was ever asked. */
export function checksOf(story: RunStory): Check[] {
  const asked = eventsOf<MessageOf<typeof CheckRequested>['data']>(story, 'check.requested');
  return [
    ...callRequestsOf(story).map(({ requestId, callHash }) => ({
      id: requestId,
      requestId,
      callHash,
      point: 'before' as const,
    })),
    ...asked.map(({ id, requestId, callHash }) => ({ id, requestId, callHash, point: 'after' as const })),
  ];
}
