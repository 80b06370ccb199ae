import type { CallRecorded, CallRequested, MessageOf } from '@interlock/contracts';
import type { RunStory } from './run-story.js';

export type RequestedCall = MessageOf<typeof CallRequested>['data'] & { readonly requestId: string };

export interface Check {
  readonly id: string;
  readonly requestId: string;
  /** Of the request. */
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
  type Recorded = MessageOf<typeof CallRecorded>['data'];
  const recorded = ['call.recorded', 'call.late_recorded'].flatMap((type) => eventsOf<Recorded>(story, type));
  const hashes = new Map(callRequestsOf(story).map(({ requestId, callHash }) => [requestId, callHash]));
  return [
    ...callRequestsOf(story).map(({ requestId, callHash }) => ({
      id: requestId,
      requestId,
      callHash,
      point: 'before' as const,
    })),
    ...recorded
      .filter(({ check }) => check !== undefined)
      .map(({ id, requestId }) => {
        const callHash = hashes.get(requestId) ?? '';
        return { id, requestId, callHash, point: 'after' as const };
      }),
  ];
}
