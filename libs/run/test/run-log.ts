import type { CallRecorded, CallRequested, MessageOf } from '@interlock/contracts';
import type { RunScenario } from './run-scenario.js';

export type RequestedCall = MessageOf<typeof CallRequested>['data'] & { readonly requestId: string };

export interface Check {
  readonly id: string;
  readonly requestId: string;
  /** Of the request. */
  readonly callHash: string;
  readonly point: 'before' | 'after';
}

const eventsOf = <T>({ events }: RunScenario, type: string): (T & { id: string })[] =>
  events.filter((event) => event.type === type).map(({ id, data }) => ({ ...(data as T), id }));

export const callRequestsOf = (scenario: RunScenario): RequestedCall[] =>
  eventsOf<MessageOf<typeof CallRequested>['data']>(scenario, 'call.requested').map((callRequest) => ({
    ...callRequest,
    requestId: callRequest.id,
  }));

export const revokedIn = (scenario: RunScenario): Set<string> =>
  new Set(eventsOf<{ requestId: string }>(scenario, 'call.revoked').map(({ requestId }) => requestId));

/** Everything policy was ever asked. */
export function checksOf(scenario: RunScenario): Check[] {
  type Recorded = MessageOf<typeof CallRecorded>['data'];
  const recorded = ['call.recorded', 'call.late_recorded'].flatMap((type) =>
    eventsOf<Recorded>(scenario, type),
  );
  const hashes = new Map(callRequestsOf(scenario).map(({ requestId, callHash }) => [requestId, callHash]));
  return [
    ...callRequestsOf(scenario).map(({ requestId, callHash }) => ({
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
