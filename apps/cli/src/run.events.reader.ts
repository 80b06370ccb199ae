import type { EventPage, RunEvent } from '@interlock/contracts/http';
import type { Client } from './client.js';

const PAGE = 10_000;

/** Everything that happened in a run so far. */
export async function readEvents(client: Client, runId: string): Promise<RunEvent[]> {
  const items: RunEvent[] = [];
  let cursor: string | undefined;
  do {
    const after = cursor === undefined ? '' : `&cursor=${cursor}`;
    const path = `/v1/runs/${encodeURIComponent(runId)}/events?limit=${PAGE}${after}`;
    const { body } = await client.get<EventPage>(path);
    items.push(...body.items);
    cursor = body.next;
  } while (cursor !== undefined);
  return items;
}
