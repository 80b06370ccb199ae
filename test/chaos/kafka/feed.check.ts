import type { FedEvent, FeedPage } from '@interlock/contracts/http';
import { expect } from 'vitest';
import type { Run, SystemClient } from '../../e2e/system.client.ts';

/** Each page is asked of the next gateway, from where the one before has stopped. */
async function fedBy(clients: readonly SystemClient[]): Promise<FedEvent[]> {
  const events: FedEvent[] = [];
  let position: string | undefined;
  for (let turn = 0; ; turn++) {
    const from = position === undefined ? '' : `&from=${position}`;
    const { status, body } = await clients[turn % clients.length]!.get<FeedPage>(
      `/v1/events?limit=700${from}`,
    );
    expect(status).toBe(200);
    events.push(...body.items);
    position = body.next;
    if (!body.more) return events;
  }
}

/** The stream over all runs holds every event of these, once and in order, whichever gateway is asked. */
export async function expectWholeFeed(
  clients: readonly SystemClient[],
  runs: readonly Run[],
): Promise<number> {
  const events = await fedBy(clients);
  const seqs = Map.groupBy(events, ({ subject }) => subject);
  for (const { runId, lastSeq } of runs) {
    const own = (seqs.get(runId) ?? []).map(({ seq }) => seq);
    expect(own, runId).toEqual(Array.from({ length: lastSeq }, (_, at) => at + 1));
  }
  return events.length;
}
