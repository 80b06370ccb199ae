import type { RunEvent } from '@interlock/contracts/http';
import type { Client } from './client.js';
import { everyItem } from './every.item.js';

const PAGE = '10000';

/** Everything that happened in a run so far. */
export const readEvents = (client: Client, runId: string): Promise<RunEvent[]> =>
  everyItem(client, `/v1/runs/${encodeURIComponent(runId)}/events`, { limit: PAGE });
